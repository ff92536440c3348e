import type { KubeObject, Resource } from "@leat/api";
import type { AddressGuard, Environment, HttpPool } from "@leat/http";
import type { Change, Kube, Selection, Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import type { CommonConfig } from "./common-flags.ts";
import type { EventSpec } from "./event-spec.ts";
import type { Metrics } from "./metrics.ts";
import type {
  ConditionUpdates,
  Explanation,
  FailureDetails,
  Outcome,
  OutcomeDetails,
  StatusUpdate,
} from "./outcome.ts";
import type { Flags } from "./parse-flags.ts";
import type { Trigger } from "./trigger.ts";
import type { DeferredStore } from "./watch-when-served.ts";

export interface ObjectKey {
  namespace: string;
  name: string;
}

/** What the runtime reads of every object that it runs. */
export interface Reconcilable {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    annotations?: Record<string, string> | undefined;
    deletionTimestamp?: string | undefined;
    finalizers?: string[] | undefined;
  };
  spec: { suspend?: boolean | undefined };
  status: object;
}

/** A kind as its own controller reads it: checked, with its defaults. */
export interface Kind<Object> extends Resource {
  readonly apiVersion: string;
  readonly parse: (object: KubeObject) => Object;
}

/** One run over one object. */
export interface Run<Status = object> {
  /** Aborts when the run is overtaken (see `overtakenBy`), when its object is gone, and at shutdown. */
  signal: AbortSignal;
  /** Aborts at shutdown alone: for what may not be cut short because there is a newer spec or revision. */
  shutdown: AbortSignal;
  log: Logger;
  trigger: Trigger;
  startedAt: Date;
  /** Becomes the message of `Reconciling`: written at once only where the run has lasted longer than a second. */
  progress: (message: string) => void;
  /** Emits an event now, for what must be known even if the run fails later. */
  emit: (event: EventSpec) => void;
  /** Writes to the status now, for what must not be forgotten even if the process dies. */
  record: (status: StatusUpdate<Status>) => Promise<void>;
  /**
   * States what the run is about, as soon as it is known: `run.attribute({ eventMetadata: { revision } })`. All later events and
   * the outcome have it, also if something is thrown. For what holds for the failure of one step alone there is `step`.
   */
  attribute: (attribution: Attribution<Status>) => void;
  /**
   * Runs one step: `await run.step(fetchFailed(storage), () => git.fetch(…))`. If it throws anything, at once or later, the run
   * fails with these details beside Ready. Of nested steps, the innermost counts.
   *
   * @param details made of the reason and the message that Ready will have
   */
  step: <Result>(
    details: (failure: Explanation) => FailureDetails<Status>,
    work: () => Promise<Result>,
  ) => Promise<Result>;
}

/** What a run is about, however it ends. What an event or an outcome says itself takes precedence. */
export interface Attribution<Status = object> {
  /** Short keys, as in an event. */
  eventMetadata?: Record<string, string>;
  status?: StatusUpdate<Status>;
  conditions?: ConditionUpdates;
}

export type Finalized =
  /** Nothing is left: the finalizer is taken away. */
  | { kind: "done"; events?: readonly EventSpec[] }
  /** Not gone yet: asked again after `retryAfterMs`, or when the object is enqueued. */
  | ({ kind: "waiting"; reason: string; message: string; retryAfterMs: number } & OutcomeDetails<object>);

/** Everything that the runtime has to know of one kind. */
export interface ControllerDefinition<Object extends Reconcilable = Reconcilable, Status = Object["status"]> {
  kind: Kind<Object>;
  /** Field manager of the object's own status and finalizer. */
  fieldManager: string;
  /** Milliseconds between two runs where nothing happens; the runtime adds the jitter. */
  interval: (object: Object) => number;
  /** Milliseconds until a failed run is tried again; exponential backoff where it is absent. */
  retryInterval?: (object: Object) => number;
  /**
   * Milliseconds after which a run is cancelled, if the object limits it. The operator's limit, `--reconciliation-timeout`, is
   * never exceeded.
   */
  timeout?: (object: Object) => number | undefined;
  /**
   * The revision that a run would be about, if the kind has one that is known without any work. It is in the status of an object as
   * `lastAttemptedRevision`.
   */
  revisionOf?: (object: Object) => Promise<string | undefined>;
  /**
   * What it throws becomes `failed`: with the reason and message of a `Fault`, with `APIServerRejected` for an `ApiError`, with
   * `InternalError` for anything else.
   */
  reconcile: (object: Object, run: Run<Status>) => Promise<Outcome<Status>>;
  /**
   * What aborts a run that is under way, so that the next one begins at once; other triggers wait for its end. Deletion, a
   * newer generation and a request where it is absent. See `Queue.add` for how often in a row.
   */
  overtakenBy?: readonly Trigger[];
  /** Cleans up for a deleted object; also called for suspended ones. */
  finalize: (object: Object, run: Run<Status>) => Promise<Finalized>;
  /** The object no longer exists: what is known of it can go. */
  forget?: (key: ObjectKey) => void;
  /** Every change of an object of this kind, after the runtime has queued what follows from it. */
  onChange?: (change: Change<KubeObject>) => void;
}

/** A definition of whatever kind: what a list of different ones holds. Made by {@link defineController}. */
export type AnyController = ControllerDefinition;

/** Forgets which kind a definition is for, so that definitions of different kinds fit into one list. */
export function defineController<Object extends Reconcilable, Status>(
  definition: ControllerDefinition<Object, Status>,
): AnyController {
  // The runtime hands to each definition only what its own `kind.parse` made.
  return definition as unknown as AnyController;
}

/** What a program is given to set itself up with, once it leads. */
export interface Setup<Config extends CommonConfig> {
  config: Config;
  kube: Kube;
  log: Logger;
  metrics: Metrics;
  /** The environment of the process. */
  env: Environment;
  /** Clients for requests to other servers, through the proxies that the environment names. */
  connections: HttpPool;
  /** What `connections` may not reach: for clients that are made elsewhere, and for the program's own ports. */
  guard: AddressGuard;
  signal: AbortSignal;
  /** The program's own objects of a kind, those of its shard, as the API server sent them. */
  objects: (kind: Kind<unknown>) => Store;
  /** Watches objects of others. No run starts before all that is watched has been listed. */
  watch: (selection: Selection, onChange?: (change: Change<KubeObject>) => void) => Store;
  /** Watches objects of a kind that need not be served, from the first lookup on. Nothing waits for it. */
  watchWhenServed: (selection: Selection, onChange?: (change: Change<KubeObject>) => void) => DeferredStore;
  /** Queues a run. Objects that do not exist are ignored when their turn comes. */
  enqueue: (kind: Kind<unknown>, key: ObjectKey, trigger: Trigger) => void;
}

/** What a program has set up. Disposed of after its last run has ended. */
export interface Parts extends AsyncDisposable {
  controllers: readonly AnyController[];
}

/** A controller program: `source-controller`, `kustomize-controller`, … */
export interface Program<Config extends CommonConfig = CommonConfig> {
  /** Names the Lease, the events' reporting controller and the `controller` of logs. */
  name: string;
  /** The common flags and its own: `z.object({ ...commonFlags(…), … })`. */
  flags: Flags<Config>;
  setUp: (setup: Setup<Config>) => Promise<Parts>;
}
