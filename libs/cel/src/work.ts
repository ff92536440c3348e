import { LimitExceeded } from "@leat/api";
import { turns } from "@leat/text";

/** What all the expressions of one run may cost, compiling included: some 0.5 s, in turns on the event loop. */
export interface Work {
  /** @throws LimitExceeded */
  spend: (steps: number) => void;
  /** Yields to the event loop when it is time. */
  turn: () => Promise<void>;
}

/** The steps of 20 of the most expensive expressions. */
const mostSteps = 10_000_000;

export function createWork(signal: AbortSignal): Work {
  let left = mostSteps;
  return {
    spend: (steps) => {
      left -= steps;
      if (left < 0) throw new LimitExceeded("the CEL expressions of one reconciliation", `${mostSteps} steps`);
    },
    turn: turns(signal),
  };
}
