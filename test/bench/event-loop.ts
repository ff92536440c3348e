import type { OwnHarness } from "../harness/own-harness.ts";
import { readMetrics } from "./metrics.ts";

/** How late a program's event loop came to what was due, in ms. */
export interface EventLoopDelay {
  p99: number;
  worst: number;
}

export type Delays = Record<string, EventLoopDelay>;

/** Node's histogram is reset whenever the metrics are read: all readings go through here, and none is lost. */
export interface EventLoops {
  /** The metrics of each program that runs, as text. */
  readAll: () => Promise<string[]>;
  /**
   * The delays of each program since this was last asked, the highest of all readings. Nothing for programs that are no
   * Node processes, do not run or serve no metrics.
   */
  takeDelays: () => Promise<Delays>;
}

/** What Node measures is the time from one tick of a timer of 10 ms to the next. */
const timerMs = 10;

export function createEventLoops({ endpoints, pidOf }: OwnHarness): EventLoops {
  let delays: Delays = {};
  const readAll = async () => {
    const running = Object.entries(endpoints).filter(([name]) => pidOf(name) !== undefined);
    return Promise.all(
      running.map(async ([name, { metrics }]) => {
        const text = await readMetrics(metrics);
        const delay = delayIn(text);
        if (delay) delays[name] = highest(delay, delays[name]);
        return text;
      }),
    );
  };
  return {
    readAll,
    takeDelays: async () => {
      await readAll();
      const taken = delays;
      delays = {};
      return taken;
    },
  };
}

function highest(one: EventLoopDelay, other: EventLoopDelay = one): EventLoopDelay {
  return { p99: Math.max(one.p99, other.p99), worst: Math.max(one.worst, other.worst) };
}

function delayIn(text: string): EventLoopDelay | undefined {
  const of = (which: string) => {
    const value = new RegExp(`^nodejs_eventloop_lag_${which}_seconds\\s+(\\S+)`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Math.max(0, Number(value) * 1000 - timerMs);
  };
  const [p99, worst] = [of("p99"), of("max")];
  return p99 === undefined || worst === undefined ? undefined : { p99, worst };
}
