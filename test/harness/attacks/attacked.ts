import assert from "node:assert/strict";
import { type OwnHarness, startHarness } from "../own-harness.ts";

/** Of a pod with a limit of 1 GiB, in MiB. */
const heap = { NODE_OPTIONS: "--max-old-space-size=512" };

/** Controllers with the heap that the chart's memory limit leaves. */
export function startAttackedHarness(): Promise<OwnHarness> {
  return startHarness({ env: { "source-controller": heap, "kustomize-controller": heap } });
}

/** Of the controllers, all of which must run. */
export function pidsOf({ stack, pidOf }: OwnHarness): number[] {
  return stack.processes.map(({ name }) => {
    const pid = pidOf(name);
    assert.ok(pid, `${name} runs`);
    process.kill(pid, 0);
    return pid;
  });
}
