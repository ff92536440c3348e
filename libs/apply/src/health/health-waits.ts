import { formatDuration } from "@leat/api";
import type { Health } from "./health.ts";

/** An object that waits until what it has applied is healthy. */
export interface Waiting {
  metadata: { namespace: string; name: string; uid: string; generation: number };
}

/** Since when each object waits: a wait spans many runs and holds no worker. */
export interface HealthWaits {
  /** The wait for this revision and generation, begun now if there is none. `since` is in ms since the epoch. */
  begin: (object: Waiting, revision: string) => { since: number };
  end: (object: Waiting) => void;
  forget: (namespace: string, name: string) => void;
}

export function createHealthWaits(): HealthWaits {
  const waits = new Map<string, { since: number; what: string }>();
  const keyOf = (namespace: string, name: string) => `${namespace}/${name}`;
  return {
    begin: ({ metadata: { namespace, name, uid, generation } }, revision) => {
      const what = `${uid} ${generation} ${revision}`;
      const current = waits.get(keyOf(namespace, name));
      if (current?.what === what) return current;
      const wait = { since: Date.now(), what };
      waits.set(keyOf(namespace, name), wait);
      return wait;
    },
    end: ({ metadata }) => void waits.delete(keyOf(metadata.namespace, metadata.name)),
    forget: (namespace, name) => void waits.delete(keyOf(namespace, name)),
  };
}

/** How long is waited, in milliseconds. */
export interface WaitLimits {
  /** How long the wait has lasted. */
  waitedMs: number;
  timeoutMs: number;
  /** One failed object ends the wait, also while others are in progress. */
  failsFast: boolean;
}

export type WaitResult =
  | { kind: "healthy" }
  | { kind: "waiting"; remainingMs: number }
  /** The objects have failed, or have not become healthy in time. */
  | { kind: "failed"; message: string };

/** Whether a wait goes on, from the health as it is now. */
export function waitResult(health: Health, { waitedMs, timeoutMs, failsFast }: WaitLimits): WaitResult {
  if (health.kind === "healthy") return health;
  const isOver = health.kind === "failed" && (failsFast || health.inProgress === 0);
  const remainingMs = timeoutMs - waitedMs;
  if (!isOver && remainingMs > 0) return { kind: "waiting", remainingMs };
  const what = isOver ? "failed" : `timed out after ${formatDuration(waitedMs)}`;
  const which = health.objects.map(({ subject, message }) => `${subject}: ${message}`).join("; ");
  return { kind: "failed", message: `health check ${what}: ${which}` };
}
