import { type Condition, type KubeObject, Reason } from "@leat/api";
import type { StatusBefore } from "./conclude.ts";
import type { Reconcilable } from "./definition.ts";
import { type Outcome, stalled } from "./outcome.ts";
import type { RunContext } from "./run-context.ts";
import { mostStrikes, type Subject } from "./run-ledger.ts";

/** As which an object is noted. */
export function subjectOf({ definition }: Pick<RunContext, "definition">, { metadata }: KubeObject): Subject {
  const { uid = "", generation = 0 } = metadata;
  return { kind: definition.kind.kind, uid, generation };
}

/**
 * Why an object is not reconciled until its generation or the revision of its source changes; `undefined` where it is. After a
 * restart the status says so.
 */
export async function exhaustionOf(
  context: RunContext,
  object: Reconcilable,
  stored: KubeObject,
): Promise<Outcome<object> | undefined> {
  const isStruckOut = context.ledger.strikesOf(subjectOf(context, stored)) >= mostStrikes;
  const before = stalledBefore(stored);
  if (!isStruckOut && !before) return undefined;
  const revision = await context.definition.revisionOf?.(object);
  if (isStruckOut) return exhausted(diedMeanwhile, revision === undefined ? {} : { lastAttemptedRevision: revision });
  return before && revision === statusOf(stored).lastAttemptedRevision ? exhausted(before.message) : undefined;
}

/** A failure whose work was ended by a limit for the last time. */
export function struckOut({ message, status, conditions }: Outcome<object>): Outcome<object> {
  const text = `${message}; tried ${mostStrikes} times, and not again until ${whatHelps}`;
  return { ...exhausted(text, status), ...(conditions && { conditions }) };
}

const whatHelps = "the spec or the revision changes";
const diedMeanwhile = `the controller ended unexpectedly twice while it reconciled this object; not tried again until ${whatHelps}`;

function exhausted(message: string, status: object = {}): Outcome<object> {
  return stalled(Reason.ResourceExhausted, message, { status });
}

function stalledBefore(stored: KubeObject): Condition | undefined {
  return statusOf(stored).conditions?.find(
    ({ type, reason, observedGeneration }) =>
      type === "Stalled" && reason === Reason.ResourceExhausted && observedGeneration === stored.metadata.generation,
  );
}

function statusOf({ status }: KubeObject): StatusBefore & { lastAttemptedRevision?: string } {
  return status ?? {};
}
