import type { OwnHarness } from "../harness/own-harness.ts";
import type { Delays, EventLoops } from "./event-loop.ts";
import { watchMemory } from "./memory.ts";
import { readTree, type TreeUsage } from "./process-tree.ts";
import type { RequestCounter } from "./requests.ts";

/** What the programs of a stack used while something was done; by the name of the program where it is of each. */
export interface Usage {
  /** With children, those that have ended and those that still run. */
  cpuSeconds: Record<string, number>;
  /** At the end, in MiB, with children. */
  residentMiB: Record<string, number>;
  /** The most in a sample of every quarter of a second, with children. */
  peakMiB: Record<string, number>;
  /** The most of all programs at one time. */
  peakTogetherMiB: number;
  /** Requests to the API server by `verb resource`, of the stack's own clients. */
  requests: Record<string, number>;
  /** Of the programs that tell it. */
  eventLoopDelayMs: Delays;
}

export interface Gauges {
  requests: RequestCounter;
  eventLoops: EventLoops;
}

/** Does it and measures. Programs may be started in it, but none stopped: what that one used would be lost. */
export async function measureUsage(
  harness: OwnHarness,
  { requests, eventLoops }: Gauges,
  act: () => Promise<number | void>,
): Promise<{ seconds: number; usage: Usage }> {
  // First of all: it resets the histograms, and costs the programs some time.
  await eventLoops.takeDelays();
  const [requestsBefore, before] = [await requests.read(), await readPrograms(harness)];
  const started = performance.now();
  let seconds = 0;
  const peak = await watchMemory(harness, async () => {
    const done = await act();
    seconds = ((done ?? performance.now()) - started) / 1000;
  });
  const after = await readPrograms(harness);
  const usage: Usage = {
    cpuSeconds: mapped(after, (now, name) => now.cpuSeconds - usedBefore(before[name], now)),
    residentMiB: mapped(after, ({ residentMiB }) => residentMiB),
    peakMiB: peak.ofEach,
    peakTogetherMiB: peak.together,
    requests: countsBetween(requestsBefore, await requests.read()),
    eventLoopDelayMs: await eventLoops.takeDelays(),
  };
  return { seconds, usage };
}

interface ProgramUsage extends TreeUsage {
  pid: number;
}

/** Of the programs that run. */
async function readPrograms({ stack, pidOf }: OwnHarness): Promise<Record<string, ProgramUsage>> {
  const running = stack.processes.flatMap(({ name }) => {
    const pid = pidOf(name);
    return pid === undefined ? [] : [{ name, pid }];
  });
  const read = running.map(async ({ name, pid }) => [name, { pid, ...(await readTree(pid)) }] as const);
  return Object.fromEntries(await Promise.all(read));
}

function usedBefore(before: ProgramUsage | undefined, { pid }: ProgramUsage): number {
  return before?.pid === pid ? before.cpuSeconds : 0;
}

function mapped<From, To>(of: Record<string, From>, map: (value: From, name: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value, name)]));
}

function countsBetween(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const counts = mapped(after, (count, key) => count - (before[key] ?? 0));
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
