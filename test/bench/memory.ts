import { setTimeout as pause } from "node:timers/promises";
import type { OwnHarness } from "../harness/own-harness.ts";
import { readTree } from "./process-tree.ts";

/** The most memory that was resident in any sample, in MiB, children included. */
export interface Peak {
  ofEach: Record<string, number>;
  /** Of all programs at one time. */
  together: number;
}

const everyMs = 250;

/** Looks at the memory of a stack's programs while something is done, and once after it. */
export async function watchMemory(harness: OwnHarness, act: () => Promise<void>): Promise<Peak> {
  const peak: Peak = { ofEach: {}, together: 0 };
  const sample = async () => {
    const now = await residentOfEach(harness);
    for (const [name, mebibytes] of Object.entries(now)) {
      peak.ofEach[name] = Math.max(peak.ofEach[name] ?? 0, mebibytes);
    }
    peak.together = Math.max(peak.together, sumOf(now));
  };
  const done = new AbortController();
  const sampling = sampleUntil(done.signal, sample);
  try {
    await act();
  } finally {
    done.abort();
    await sampling;
  }
  await sample();
  return peak;
}

export function sumOf(figures: Record<string, number>): number {
  return Object.values(figures).reduce((sum, one) => sum + one, 0);
}

async function sampleUntil(signal: AbortSignal, sample: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await sample();
    await pause(everyMs, undefined, { signal }).catch(() => "done");
  }
}

async function residentOfEach({ stack, pidOf }: OwnHarness): Promise<Record<string, number>> {
  const read = stack.processes.map(async ({ name }) => {
    const pid = pidOf(name);
    // One that is being stopped or started has none.
    const { residentMiB } =
      pid === undefined ? { residentMiB: 0 } : await readTree(pid).catch(() => ({ residentMiB: 0 }));
    return [name, residentMiB] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
