import type { OwnHarness } from "../harness/own-harness.ts";
import { createEventLoops } from "./event-loop.ts";
import { createRequestCounter } from "./requests.ts";
import { type Gauges, measureUsage, type Usage } from "./usage.ts";

/** What a scenario has measured. */
export interface Measured {
  scenario: string;
  /** What one round is, or what the scenario is made of. */
  about: string;
  /** Seconds, a figure a round. */
  seconds: number[];
  /** Seconds, a figure a round, where a scenario has several. */
  series?: Record<string, number[]>;
  /** Steps that are measured one by one. */
  steps?: Step[];
  /** Whether the memory of each program is told for each step. */
  memoryOfEach?: boolean;
  /** Why there is no figure. */
  instead?: string;
}

export interface Step {
  name: string;
  seconds: number;
  usage?: Usage;
  /** How many requests were sent in this time, with how much CPU of the client, where their rate is what counts. */
  rate?: { count: number; cpuSeconds: number };
}

export interface Steps extends Gauges {
  taken: Step[];
  /**
   * Does it, and notes how long it took and what the programs used.
   *
   * @param act gives the time (`performance.now()`) at which it was done, where that is known only later
   */
  take: (name: string, act: () => Promise<number | void>) => Promise<void>;
}

export function createSteps(harness: OwnHarness): Steps {
  const gauges: Gauges = {
    requests: createRequestCounter(harness.controlPlane.auditLog),
    eventLoops: createEventLoops(harness),
  };
  const taken: Step[] = [];
  return {
    taken,
    take: async (name, act) => void taken.push({ name, ...(await measureUsage(harness, gauges, act)) }),
    ...gauges,
  };
}
