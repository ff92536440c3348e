import type { Harness } from "../harness/harness.ts";
import { readUsage, type Usage, usageBetween } from "./usage.ts";

/** What a scenario has measured. */
export interface Measured {
  scenario: string;
  /** What one round is, or what the scenario is made of. */
  about: string;
  /** Seconds, a figure a round. */
  seconds: number[];
  /** Steps that are measured one by one. */
  steps?: Step[];
  /** Why there is no figure. */
  instead?: string;
}

export interface Step {
  name: string;
  seconds: number;
  usage?: Usage;
  /** How many requests were sent in this time, where their rate is what counts. */
  count?: number;
}

export interface Steps {
  taken: Step[];
  /** Does it, and notes how long it took and what the programs used. */
  take: (name: string, act: () => Promise<void>) => Promise<void>;
}

export function createSteps(harness: Harness): Steps {
  const taken: Step[] = [];
  return {
    taken,
    take: async (name, act) => {
      const before = await readUsage(harness);
      const started = performance.now();
      await act();
      const seconds = (performance.now() - started) / 1000;
      taken.push({ name, seconds, usage: usageBetween(before, await readUsage(harness)) });
    },
  };
}
