import { wrong } from "./wrong.ts";

/** Values that one evaluation may look at or make; some 0.1 s of them. */
const mostSteps = 500_000;
/** Characters that count as one value. */
const charactersPerStep = 16;

/** What is left of the work that one evaluation may cost. */
export interface Budget {
  refill: () => void;
  isSpent: () => boolean;
  /** Steps since it was refilled. */
  spent: () => number;
  /** @throws EvaluationError where that is more than what is left */
  spend: (steps: number) => void;
  /** Spends for what has just been made: a text or a list, whose members exist already. */
  spendForSize: (value: unknown) => void;
  /** Spends for every value inside, each time that it is found there. */
  spendForWhole: (value: unknown) => void;
}

export function createBudget(): Budget {
  let left = mostSteps;
  const spend = (steps: number) => {
    left -= steps;
    if (left < 0) throw wrong("too_expensive");
  };
  const spendForWhole = (value: unknown): void => {
    spend(1);
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    for (const member of Object.values(value)) spendForWhole(member);
  };
  return {
    refill: () => void (left = mostSteps),
    isSpent: () => left < 0,
    spent: () => mostSteps - Math.max(0, left),
    spend,
    spendForSize: (value) => {
      if (typeof value === "string") spend(value.length / charactersPerStep);
      else if (ArrayBuffer.isView(value)) spend(value.byteLength / charactersPerStep);
      else if (Array.isArray(value)) spend(value.length);
    },
    spendForWhole,
  };
}
