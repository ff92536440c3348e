import type { KubeObject, ResourceDefinition } from "@leat/api";
import type { Change, Kube, Selection, Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import type { CommonConfig } from "./common-flags.ts";
import type { EventFact } from "./event-fact.ts";
import type { Metrics } from "./metrics.ts";
import type { Facts, Outcome } from "./outcome.ts";

export interface ObjectKey {
  namespace: string;
  name: string;
}

/**
 * Why an object runs, the most urgent first. What a person or a new revision asked for goes before what the clock asked
 * for; of two causes for one object the more urgent stays.
 */
export const causes = ["deletion", "spec", "request", "source", "drift", "dependency", "health", "created", "retry", "interval"] as const;
export type Cause = (typeof causes)[number];

/** One run over one object. */
export interface Run {
  /** Aborts when a newer generation or a request overtakes the run, when the object is deleted, and at shutdown. */
  signal: AbortSignal;
  log: Logger;
  cause: Cause;
  startedAt: Date;
  /** Becomes the message of `Reconciling`: written at once only where the run has lasted longer than a second. */
  progress: (message: string) => void;
  /** Emits an event now, for what must be known even if the run fails later. */
  emit: (event: EventFact) => void;
}

export type Finalized =
  /** Nothing is left: the finalizer is taken away. */
  | { kind: "done"; events?: readonly EventFact[] }
  /** Not gone yet: asked again after `retryAfterMs`, or when the object is woken. */
  | ({ kind: "waiting"; reason: string; message: string; retryAfterMs: number } & Facts<object>);

/** Everything that the runtime has to know of one kind. */
// `any` is the variance of a list of definitions of different kinds; each definition itself is fully typed.
export interface ControllerDefinition<Object extends KubeObject = any, Status = any> {
  kind: ResourceDefinition<Object>;
  /** Field manager of the object's own status and finalizer. */
  fieldManager: string;
  /** Condition types, beside Ready, Reconciling and Stalled, which are this controller's to write. */
  ownConditions: readonly string[];
  /** Milliseconds between two runs where nothing happens; the runtime adds the jitter. */
  interval: (object: Object) => number;
  /** Milliseconds until a failed run is tried again; exponential backoff where it is absent. */
  retryInterval?: (object: Object) => number;
  /** A `Fault` thrown becomes `failed`, anything else `failed` with reason `InternalError`. */
  reconcile: (object: Object, run: Run) => Promise<Outcome<Status>>;
  /** Cleans up for a deleted object; also called for suspended ones. */
  finalize: (object: Object, run: Run) => Promise<Finalized>;
  /** Every change of an object of this kind, after the runtime has queued what follows from it. */
  onChange?: (change: Change<Object>) => void;
}

/** What a program is given to set itself up with, once it leads. */
export interface Setup<Config extends CommonConfig> {
  config: Config;
  kube: Kube;
  log: Logger;
  metrics: Metrics;
  signal: AbortSignal;
  /** The program's own objects of a kind: those of its shard. */
  objects: <Object extends KubeObject>(kind: ResourceDefinition<Object>) => Store<Object>;
  /** Follows objects of others. No run starts before all that is followed has been listed. */
  follow: (selection: Selection, onChange?: (change: Change<KubeObject>) => void) => Store;
  /** Queues a run. Objects that do not exist are ignored when their turn comes. */
  wake: (kind: ResourceDefinition, key: ObjectKey, cause: Cause) => void;
}

/** What a program has set up. Disposed of after its last run has ended. */
export interface Parts extends AsyncDisposable {
  controllers: readonly ControllerDefinition[];
}

/** A controller program: `source-controller`, `kustomize-controller`, … */
export interface Program<Config extends CommonConfig = CommonConfig> {
  /** Names the Lease, the events' reporting controller and the `controller` of logs. */
  name: string;
  /** Flags and their meaning: a zod object made by `flags({...})`. */
  flags: Flags<Config>;
  setUp: (setup: Setup<Config>) => Promise<Parts>;
}

/** A zod object over the flags of a program: the common ones and its own. Keys are camelCase, flags kebab-case. */
export type Flags<Config> = import("zod").ZodType<Config> & { shape: Record<string, import("zod").ZodType> };
