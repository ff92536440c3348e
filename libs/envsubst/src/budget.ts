import { LimitExceeded } from "@leat/api";

/** What expressions may cost: characters read or made, a pattern's as often as it is compared. */
export interface Budget {
  /** @throws LimitExceeded */
  spend: (characters: number) => void;
}

/** Of one text; some 70 ms. */
const maxWorkOfText = 2_000_000;

/** Of an expression, whatever its values. */
export const workOfExpression = 20;

/** Of all the texts of one run. */
const maxWork = 100_000_000;

/** Characters of one result: more than an API server accepts. */
const maxLength = 3 * 1024 * 1024;

/** A budget for all the texts of one run, which are expanded one after the other. */
export function createBudget(): { forText: () => Budget } {
  const whole = limited(maxWork, "the variable substitution of one run");
  return {
    forText: () => {
      const own = limited(maxWorkOfText, "the variable substitution of one object");
      return {
        spend: (characters) => {
          own.spend(characters);
          whole.spend(characters);
        },
      };
    },
  };
}

function limited(most: number, what: string): Budget {
  let left = most;
  return {
    spend: (characters) => {
      left -= characters;
      if (left < 0) throw new LimitExceeded(what, `${most} characters of work`);
    },
  };
}

/** @throws LimitExceeded if a result of so many characters is too long */
export function checkLength(length: number): void {
  if (length > maxLength) throw new LimitExceeded("a substituted value or object", `${maxLength} characters`);
}
