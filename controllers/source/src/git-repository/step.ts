import { Fault, type GitRepositoryStatus } from "@leat/api";
import type { ConditionUpdates, OutcomeDetails, Run } from "@leat/controller";

/** What the status says, beside Ready, of a step that failed. */
export type Blame = (said: { reason: string; message: string }) => OutcomeDetails<GitRepositoryStatus>;

class StepFault extends Fault {
  readonly conditions: ConditionUpdates;
  constructor(fault: Fault, conditions: ConditionUpdates) {
    super(fault.reason, fault.message, { cause: fault });
    this.conditions = conditions;
  }
}

/** Does one step of a run; a fault in it carries what the conditions shall say of the step. */
export async function step<Result>(
  run: Run<GitRepositoryStatus>,
  blame: Blame,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Fault) || run.signal.aborted) throw error;
    const { status, conditions = {} } = blame({ reason: error.reason, message: error.message });
    if (status) await run.record(status);
    throw new StepFault(error, conditions);
  }
}

/** What the conditions say of a fault: that of the step which it struck. */
export function conditionsOfFault(fault: Fault): ConditionUpdates {
  return fault instanceof StepFault ? fault.conditions : {};
}
