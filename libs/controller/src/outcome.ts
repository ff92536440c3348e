import type { EventFact } from "./event-fact.ts";

/** What a condition shall say; the runtime adds times and generations. */
export interface ConditionFact {
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
}

/** Conditions of a kind's own, beside Ready, Reconciling and Stalled. `undefined` takes one away; what is not named stays as it is. */
export type ConditionFacts = Record<string, ConditionFact | undefined>;

/** Fields of the status to write. `undefined` takes one away; what is not named stays as it is. */
export type StatusFacts<Status> = { [Field in keyof Status]?: Status[Field] | undefined };

export interface Facts<Status> {
  status?: StatusFacts<Status>;
  conditions?: ConditionFacts;
  /** Emitted after the status is written, in order. */
  events?: readonly EventFact[];
  /** Of a failure: of what kind the refusal was, one of a few words. A label of the metrics. */
  refusal?: string;
}

interface Said {
  reason: string;
  message: string;
}

/** What one run concluded. The runtime turns it into conditions, events, metrics and the time of the next run. */
export type Outcome<Status> =
  /** The world is as declared. Runs again after the object's interval. */
  | ({ kind: "ready" } & Said & Facts<Status>)
  /** Something else has to happen first; a watch wakes the object, `retryAfterMs` is the net. Holds no worker. */
  | ({ kind: "waiting"; retryAfterMs: number } & Said & Facts<Status>)
  /** Done so far, and not known yet whether it is well; a watch wakes the object, `retryAfterMs` is the net. Holds no worker. */
  | ({ kind: "progressing"; retryAfterMs: number } & Said & Facts<Status>)
  /** The world answered no. Runs again after the object's retry interval, or with backoff where it has none. */
  | ({ kind: "failed" } & Said & Facts<Status>)
  /** Only a change of the object can help. Runs again when there is one. */
  | ({ kind: "stalled" } & Said & Facts<Status>);

export function ready<Status>(reason: string, message: string, facts: Facts<Status> = {}): Outcome<Status> {
  return { kind: "ready", reason, message, ...facts };
}

export function waiting<Status>(
  reason: string,
  message: string,
  retryAfterMs: number,
  facts: Facts<Status> = {},
): Outcome<Status> {
  return { kind: "waiting", reason, message, retryAfterMs, ...facts };
}

export function progressing<Status>(message: string, retryAfterMs: number, facts: Facts<Status> = {}): Outcome<Status> {
  return { kind: "progressing", reason: "Progressing", message, retryAfterMs, ...facts };
}

export function failed<Status>(reason: string, message: string, facts: Facts<Status> = {}): Outcome<Status> {
  return { kind: "failed", reason, message, ...facts };
}

export function stalled<Status>(reason: string, message: string, facts: Facts<Status> = {}): Outcome<Status> {
  return { kind: "stalled", reason, message, ...facts };
}
