import type { Attribution, Run } from "./definition.ts";
import type { EventSpec } from "./event-spec.ts";
import type { Explanation, Outcome, FailureDetails } from "./outcome.ts";

/** What a run has said of itself and of its steps, for the events, the outcome and the fault that come of it. */
export interface Attributions extends Pick<Run, "attribute" | "step"> {
  completeEvent: (event: EventSpec) => EventSpec;
  completeOutcome: (outcome: Outcome<object>) => Outcome<object>;
  /** What the step in which something was thrown makes of it; nothing outside of the steps. */
  detailsOf: (thrown: unknown, failure: Explanation) => FailureDetails<object>;
}

export function createAttributions(): Attributions {
  let known: Required<Attribution> = { eventMetadata: {}, status: {}, conditions: {} };
  const steps = new Map<unknown, (failure: Explanation) => FailureDetails<object>>();
  return {
    attribute: ({ eventMetadata, status, conditions }) => {
      known = {
        eventMetadata: { ...known.eventMetadata, ...eventMetadata },
        status: { ...known.status, ...status },
        conditions: { ...known.conditions, ...conditions },
      };
    },
    step: async (details, work) => {
      try {
        return await work();
      } catch (error) {
        // The innermost step knows best.
        steps.getOrInsert(error, details);
        throw error;
      }
    },
    completeEvent: (event) => ({ ...event, metadata: { ...known.eventMetadata, ...event.metadata } }),
    completeOutcome: (outcome) => ({
      ...outcome,
      status: { ...known.status, ...outcome.status },
      conditions: { ...known.conditions, ...outcome.conditions },
    }),
    detailsOf: (thrown, failure) => steps.get(thrown)?.(failure) ?? {},
  };
}
