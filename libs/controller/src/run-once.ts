/**
 * One run over one object:
 *
 *   read  →  finalizer  →  suspended?  →  reconcile (or finalize)  →  one status write  →  events  →  when next
 */
import { Fault, type KubeObject, Reason } from "@leat/api";
import { suspend } from "./conclude.ts";
import type { AnyController, Finalized, Reconcilable } from "./definition.ts";
import { exhaustionOf, struckOut, subjectOf } from "./exhaustion.ts";
import { hasFinalizer, removeFinalizer, withFinalizer } from "./finalizer.ts";
import { type Next, nextOf } from "./next.ts";
import { type Ended, outcomeOf } from "./outcome-of.ts";
import { stalled } from "./outcome.ts";
import { type Reporting, startReporting, type Why } from "./reporting.ts";
import { type RunContext, write } from "./run-context.ts";
import { mostStrikes } from "./run-ledger.ts";
import { type RunLimits, startLimit } from "./run-limit.ts";

/** How long an object waits for its turn that may have ended the controller. */
const suspectPauseMs = 1000;

/** Never rejects: what keeps the run from being concluded is logged, and tried again with backoff. */
export async function runOnce(context: RunContext, why: Why): Promise<Next> {
  try {
    return await runObject(context, why);
  } catch (err) {
    if (why.signal.aborted) return { kind: "never" };
    context.log.error("reconciliation could not be concluded", { err });
    return { kind: "backoff", failed: true };
  }
}

async function runObject(context: RunContext, why: Why): Promise<Next> {
  const stored = context.latest();
  if (!stored) return { kind: "never" };
  if (!context.ledger.mayRun(subjectOf(context, stored)))
    return { kind: "after", afterMs: suspectPauseMs, trigger: why.trigger };
  if (stored.metadata.deletionTimestamp !== undefined) return finalizeObject(context, stored, why);
  const kept = await withFinalizer(context, stored);
  if (!kept) return { kind: "never" };
  if ((kept["spec"] as Partial<Reconcilable["spec"]> | undefined)?.suspend) return leaveSuspended(context, kept);
  return reconcileObject(context, kept, why);
}

async function leaveSuspended(context: RunContext, stored: KubeObject): Promise<Next> {
  context.log.info("reconciliation is suspended for this object");
  await write(context, stored, ({ metadata: { generation = 0 }, ...fresh }) =>
    suspend({ generation, status: fresh["status"] ?? {} }, new Date()),
  );
  return { kind: "never" };
}

async function reconcileObject(context: RunContext, stored: KubeObject, why: Why): Promise<Next> {
  const { definition, log } = context;
  const object = parse(definition, stored);
  if (object instanceof Fault) return concludeUnreadable(context, stored, object, why);
  using signals = startLimit(why, limitsOf(context, object));
  await using reporting = startReporting(context, object, stored, { ...why, ...signals });
  const ended = await reconcileUnlessExhausted(context, object, stored, reporting);
  if (ended === "overtaken" || !(await reporting.conclude(ended.outcome))) return { kind: "never" };
  const { kind, reason } = ended.outcome;
  // From now on, the status says so.
  if (reason === Reason.ResourceExhausted) context.ledger.forget(subjectOf(context, stored));
  log.debug("reconciled", { outcome: kind, reason, trigger: why.trigger });
  return nextOf(definition, object, ended);
}

/** Keeps the account of runs whose work was ended: by a limit, or with the controller. */
async function reconcileUnlessExhausted(
  context: RunContext,
  object: Reconcilable,
  stored: KubeObject,
  reporting: Reporting,
): Promise<Ended | "overtaken"> {
  const exhausted = await exhaustionOf(context, object, stored);
  if (exhausted) return { outcome: exhausted, isFault: false, isExhaustion: true };
  using noted = context.ledger.begin(subjectOf(context, stored));
  const ended = await outcomeOf(reporting, () => context.definition.reconcile(object, reporting.run));
  if (ended === "overtaken") return ended;
  if (!ended.isExhaustion) noted.clear();
  else if (noted.strike() >= mostStrikes) return { ...ended, outcome: struckOut(ended.outcome), isFault: false };
  return ended;
}

async function finalizeObject(context: RunContext, stored: KubeObject, why: Why): Promise<Next> {
  const { definition } = context;
  if (!hasFinalizer(stored)) return { kind: "never" };
  const object = parse(definition, stored);
  if (object instanceof Fault) return concludeUnreadable(context, stored, object, why);
  using signals = startLimit(why, limitsOf(context, object));
  await using reporting = startReporting(context, object, stored, { ...why, ...signals });
  using noted = context.ledger.begin(subjectOf(context, stored));
  let finalized: Finalized | undefined;
  const ended = await outcomeOf(reporting, async () => {
    finalized = await definition.finalize(object, reporting.run);
    return finalized.kind === "waiting" ? finalized : { kind: "ready", reason: "Deleted", message: "" };
  });
  if (ended === "overtaken") return { kind: "never" };
  noted.clear();
  if (finalized?.kind === "done") {
    await reporting.stop();
    for (const event of finalized.events ?? []) reporting.run.emit(event);
    await removeFinalizer(context, reporting.current());
    return { kind: "never" };
  }
  const { outcome } = ended;
  await reporting.conclude(outcome);
  return outcome.kind === "waiting"
    ? { kind: "after", afterMs: outcome.retryAfterMs }
    : { kind: "backoff", failed: true };
}

function limitsOf({ definition, longestRunMs }: RunContext, object: Reconcilable): RunLimits {
  return { own: definition.timeout?.(object), most: longestRunMs };
}

/** An object that its CRD let through and this version of the controller cannot read. */
async function concludeUnreadable(context: RunContext, stored: KubeObject, fault: Fault, why: Why): Promise<Next> {
  await using reporting = startReporting(context, stored as unknown as Reconcilable, stored, why);
  await reporting.conclude(stalled(fault.reason, fault.message));
  return { kind: "never", failed: true };
}

function parse({ kind }: AnyController, stored: KubeObject): Reconcilable | Fault {
  try {
    return kind.parse(stored);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
