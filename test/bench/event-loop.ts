import type { Harness } from "../harness/harness.ts";
import { readMetrics } from "./metrics.ts";

/** How late a program's event loop came to what was due, in ms. */
export interface EventLoopDelay {
  p99: number;
  worst: number;
}

/** What Node measures is the time from one tick of a timer of 50 ms to the next. */
const timerMs = 50;

/**
 * The delay of each program's event loop since it was read last: Node's histogram begins anew with every reading. Nothing
 * for programs that are no Node processes, do not run or serve no metrics.
 */
export async function readEventLoops({ endpoints, pidOf }: Harness): Promise<Record<string, EventLoopDelay>> {
  const running = Object.entries(endpoints).filter(([name]) => pidOf(name) !== undefined);
  const read = await Promise.all(
    running.map(async ([name, { metrics }]) => [name, await readMetrics(metrics)] as const),
  );
  const delays = read.flatMap(([name, text]) => {
    const delay = delayIn(text);
    return delay ? [[name, delay] as const] : [];
  });
  return Object.fromEntries(delays);
}

function delayIn(text: string): EventLoopDelay | undefined {
  const of = (which: string) => {
    const value = new RegExp(`^nodejs_eventloop_lag_${which}_seconds\\s+(\\S+)`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Math.max(0, Number(value) * 1000 - timerMs);
  };
  const [p99, worst] = [of("p99"), of("max")];
  return p99 === undefined || worst === undefined ? undefined : { p99, worst };
}
