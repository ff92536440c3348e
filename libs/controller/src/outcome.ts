import type { EventSpec } from "./event-spec.ts";

/** The content of a condition; the runtime adds times and generations. */
export interface ConditionUpdate {
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
}

/** Conditions of a kind's own, beside Ready, Reconciling and Stalled. `undefined` takes one away; what is not named stays as it is. */
export type ConditionUpdates = Record<string, ConditionUpdate | undefined>;

/** Fields of the status to write. `undefined` takes one away; what is not named stays as it is. */
export type StatusUpdate<Status> = { [Field in keyof Status]?: Status[Field] | undefined };

export interface OutcomeDetails<Status> {
  status?: StatusUpdate<Status>;
  conditions?: ConditionUpdates;
  /** Emitted after the status is written, in order. */
  events?: readonly EventSpec[];
}

export interface SuccessDetails<Status> extends OutcomeDetails<Status> {
  /** Whether the run has done something that is worth an event. */
  changed?: boolean;
  /** What else is written and emitted where the success is news: something has changed, or the object was not ready before. */
  ifNews?: Pick<OutcomeDetails<NoInfer<Status>>, "status" | "events">;
}

export interface FailureDetails<Status> extends OutcomeDetails<Status> {
  /** How far the run came: the message of `Reconciling`. What the run reported last where it is absent. */
  progress?: string | undefined;
  /** Of what kind the rejection was, one of a few words. A label of the metrics. */
  rejection?: string;
}

/** Why a condition has its status. */
export interface Explanation {
  reason: string;
  message: string;
}

/** What one run concluded. The runtime turns it into conditions, events, metrics and the time of the next run. */
export type Outcome<Status> =
  /** The world is as declared. Runs again after the object's interval. */
  | ({ kind: "ready" } & Explanation & SuccessDetails<Status>)
  /** Something else has to happen first; a watch enqueues the object, `retryAfterMs` is the net. Holds no worker. */
  | ({ kind: "waiting"; retryAfterMs: number } & Explanation & OutcomeDetails<Status>)
  /** Done so far, and not known yet whether it is well; a watch enqueues the object, `retryAfterMs` is the net. Holds no worker. */
  | ({ kind: "progressing"; retryAfterMs: number } & Explanation & OutcomeDetails<Status>)
  /** The world answered no. Runs again after the object's retry interval, or with backoff where it has none. */
  | ({ kind: "failed" } & Explanation & FailureDetails<Status>)
  /** Only a change of the object can help. Runs again when there is one. */
  | ({ kind: "stalled" } & Explanation & OutcomeDetails<Status>);

export function ready<Status>(reason: string, message: string, details: SuccessDetails<Status> = {}): Outcome<Status> {
  return { kind: "ready", reason, message, ...details };
}

export function waiting<Status>(
  reason: string,
  message: string,
  retryAfterMs: number,
  details: OutcomeDetails<Status> = {},
): Outcome<Status> {
  return { kind: "waiting", reason, message, retryAfterMs, ...details };
}

export function progressing<Status>(
  message: string,
  retryAfterMs: number,
  details: OutcomeDetails<Status> = {},
): Outcome<Status> {
  return { kind: "progressing", reason: "Progressing", message, retryAfterMs, ...details };
}

export function failed<Status>(reason: string, message: string, details: FailureDetails<Status> = {}): Outcome<Status> {
  return { kind: "failed", reason, message, ...details };
}

export function stalled<Status>(
  reason: string,
  message: string,
  details: OutcomeDetails<Status> = {},
): Outcome<Status> {
  return { kind: "stalled", reason, message, ...details };
}
