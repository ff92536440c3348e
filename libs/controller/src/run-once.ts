/**
 * One run over one object:
 *
 *   read  →  finalizer  →  suspended?  →  reconcile (or finalize)  →  one status write  →  events  →  when next
 */
import { type Condition, Fault, type KubeObject, Reason } from "@leat/api";
import { ApiError } from "@leat/kube";
import { conclude, type StatusBefore } from "./conclude.ts";
import type { AnyController, Finalized, Reconcilable, Run } from "./definition.ts";
import type { EventSpec } from "./event-spec.ts";
import { hasFinalizer, removeFinalizer, withFinalizer } from "./finalizer.ts";
import { failed, type Outcome, stalled } from "./outcome.ts";
import { startReporting, type Why } from "./reporting.ts";
import { type RunContext, beforeOf, write } from "./run-context.ts";
import type { Trigger } from "./trigger.ts";

/** When the object runs again. */
export type Next = (
  | { kind: "never" }
  | { kind: "interval"; afterMs: number }
  | { kind: "after"; afterMs: number }
  /** `mostMs`: limit of the pause, where the object has one of its own. */
  | { kind: "backoff"; mostMs?: number | undefined }
) & { failed?: boolean };

/** An outcome, and whether something broke on the way to it, which is worth another try sooner than a no of the world. */
interface Concluded {
  outcome: Outcome<object>;
  isFault: boolean;
}

/** Never rejects: what keeps the run from being concluded is logged, and tried again with backoff. */
export async function runOnce(context: RunContext, trigger: Trigger, signal: AbortSignal): Promise<Next> {
  try {
    return await runObject(context, { trigger, signal });
  } catch (err) {
    if (signal.aborted) return { kind: "never" };
    context.log.error("reconciliation could not be concluded", { err });
    return { kind: "backoff", failed: true };
  }
}

async function runObject(context: RunContext, why: Why): Promise<Next> {
  const stored = context.latest();
  if (!stored) return { kind: "never" };
  if (stored.metadata.deletionTimestamp !== undefined) return finalizeObject(context, stored, why);
  const kept = await withFinalizer(context, stored);
  if (!kept) return { kind: "never" };
  if ((kept["spec"] as Partial<Reconcilable["spec"]> | undefined)?.suspend) return leaveSuspended(context, kept);
  return reconcileObject(context, kept, why);
}

/** What was ready stays so: the generation that suspends it has been observed. */
async function leaveSuspended(context: RunContext, stored: KubeObject): Promise<Next> {
  context.log.info("reconciliation is suspended for this object");
  const isReady = readyOf(stored)?.status === "True";
  if (isReady)
    await write(context, stored, ({ metadata, ...fresh }) => ({
      ...(fresh["status"] as object),
      observedGeneration: metadata.generation,
    }));
  return { kind: "never" };
}

async function reconcileObject(context: RunContext, stored: KubeObject, why: Why): Promise<Next> {
  const { definition, log, recorder } = context;
  const object = parse(definition, stored);
  if (object instanceof Fault) return concludeUnreadable(context, stored, object);
  await using reporting = startReporting(context, object, stored, why);
  const concluded = await outcomeOf(context, reporting.run, () => definition.reconcile(object, reporting.run));
  await reporting.stop();
  if (concluded === "overtaken") return { kind: "never" };
  const { outcome } = concluded;
  const current = reporting.current();
  const after = await write(context, current, (fresh) =>
    conclude(beforeOf(fresh, object), outcome, reporting.progress(), new Date()),
  );
  if (!after) return { kind: "never" };
  context.concluded(outcome);
  for (const event of newsOf(current, object, outcome)) recorder.emit(object, event);
  log.debug("reconciled", { outcome: outcome.kind, reason: outcome.reason, trigger: why.trigger });
  return nextOf(definition, object, concluded);
}

async function finalizeObject(context: RunContext, stored: KubeObject, why: Why): Promise<Next> {
  if (!hasFinalizer(stored)) return { kind: "never" };
  const object = parse(context.definition, stored);
  if (object instanceof Fault) return concludeUnreadable(context, stored, object);
  await using reporting = startReporting(context, object, stored, why);
  let finalized: Finalized | undefined;
  const concluded = await outcomeOf(context, reporting.run, async () => {
    finalized = await context.definition.finalize(object, reporting.run);
    return finalized.kind === "waiting" ? finalized : { kind: "ready", reason: "Deleted", message: "" };
  });
  await reporting.stop();
  if (concluded === "overtaken") return { kind: "never" };
  const { outcome } = concluded;
  const current = reporting.current();
  if (finalized?.kind === "done") {
    for (const event of finalized.events ?? []) context.recorder.emit(object, event);
    await removeFinalizer(context, current);
    return { kind: "never" };
  }
  await write(context, current, (fresh) =>
    conclude(beforeOf(fresh, object), outcome, reporting.progress(), new Date()),
  );
  context.concluded(outcome);
  for (const event of newsOf(current, object, outcome)) context.recorder.emit(object, event);
  return outcome.kind === "waiting"
    ? { kind: "after", afterMs: outcome.retryAfterMs }
    : { kind: "backoff", failed: true };
}

/** An object that its CRD let through and this version of the controller cannot read. */
async function concludeUnreadable(context: RunContext, stored: KubeObject, fault: Fault): Promise<Next> {
  const object = stored as unknown as Reconcilable;
  const outcome = stalled(fault.reason, fault.message);
  await write(context, stored, (fresh) => conclude(beforeOf(fresh, object), outcome, undefined, new Date()));
  context.concluded(outcome);
  for (const event of newsOf(stored, object, outcome)) context.recorder.emit(object, event);
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

/** The one place where what was thrown becomes an outcome. */
async function outcomeOf(
  context: RunContext,
  { signal }: Run,
  reconcile: () => Promise<Outcome<object>>,
): Promise<Concluded | "overtaken"> {
  try {
    return { outcome: await reconcile(), isFault: false };
  } catch (error) {
    return signal.aborted ? "overtaken" : { outcome: thrown(context, error), isFault: true };
  }
}

function thrown({ definition, log }: RunContext, err: unknown): Outcome<object> {
  if (err instanceof Fault) {
    log.error("reconciliation failed", { err, reason: err.reason });
    return failed(err.reason, err.message, { conditions: definition.conditionsOfFault?.(err) ?? {} });
  }
  if (err instanceof ApiError) {
    log.error("reconciliation failed", { err, reason: err.reason });
    return failed(Reason.APIServerRefused, err.message);
  }
  log.error("reconciliation failed by a defect of the controller", { err });
  return failed(Reason.InternalError, "the controller failed unexpectedly; its log has the details");
}

function nextOf(definition: AnyController, object: Reconcilable, { outcome, isFault }: Concluded): Next {
  const retryMs = definition.retryInterval?.(object);
  switch (outcome.kind) {
    case "ready":
      return { kind: "interval", afterMs: definition.interval(object) };
    case "waiting":
    case "progressing":
      return { kind: "after", afterMs: outcome.retryAfterMs };
    case "failed":
      if (retryMs === undefined || isFault) return { kind: "backoff", mostMs: retryMs, failed: true };
      return { kind: "after", afterMs: retryMs, failed: true };
    case "stalled":
      return { kind: "never", failed: true };
  }
}

/** The events of an outcome. All but success is told only where Ready says something else than before the run. */
function newsOf(before: KubeObject, object: Reconcilable, outcome: Outcome<object>): readonly EventSpec[] {
  const { kind, reason, message } = outcome;
  const events =
    outcome.events ?? (kind === "failed" || kind === "stalled" ? [{ type: "Warning" as const, reason, message }] : []);
  if (kind === "ready") return events;
  const ready = readyOf(before);
  const known =
    ready?.reason === reason && ready.message === message && ready.observedGeneration === object.metadata.generation;
  return known ? [] : events;
}

function readyOf({ status }: KubeObject): Condition | undefined {
  return (status as StatusBefore | undefined)?.conditions?.find(({ type }) => type === "Ready");
}
