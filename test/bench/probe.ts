import { setTimeout as pause } from "node:timers/promises";
import type { OwnHarness } from "../harness/own-harness.ts";

const everyMs = 10;
const patienceMs = 60_000;

/**
 * Waits until the probe of a program says that it is ready; gives the time (`performance.now()`).
 *
 * @throws Error where it does not say so within a minute
 */
export async function untilProbed({ endpoints }: OwnHarness, program: string): Promise<number> {
  const deadline = performance.now() + patienceMs;
  const url = `${endpoints[program]?.health}/readyz`;
  while (!(await answersOk(url))) {
    if (performance.now() > deadline) throw new Error(`${program} did not become ready`);
    await pause(everyMs);
  }
  return performance.now();
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}
