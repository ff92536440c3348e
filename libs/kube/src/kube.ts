import type { KubeObject, Resource } from "@leat/api";

/** One object of one resource. `namespace` is empty or absent for what is cluster-scoped. */
export interface ObjectRef {
  resource: Resource;
  namespace?: string | undefined;
  name: string;
}

/** Which objects of a resource a list, a watch or a store covers. */
export interface Selection {
  resource: Resource;
  /** All namespaces where it is absent. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Asks for `PartialObjectMetadata`: apiVersion and kind of the object itself are put back by the client. */
  metadataOnly?: boolean;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Limit of the whole call; 30 s where it is absent. */
  timeoutMs?: number;
}

export interface WriteOptions extends CallOptions {
  fieldManager: string;
  dryRun?: boolean;
  /** The answer is `PartialObjectMetadata`. */
  metadataOnly?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields over from other managers. */
  force?: boolean;
}

export interface Applied {
  object: KubeObject;
  /** The object did not exist before (201). */
  created: boolean;
}

/** `merge` is RFC 7386, `json` is RFC 6902. */
export type Patch = { type: "merge"; body: object } | { type: "json"; body: readonly object[] };

export interface PatchOptions extends WriteOptions {
  subresource?: "status" | undefined;
}

export interface DeleteOptions extends CallOptions {
  propagation?: "Background" | "Foreground" | "Orphan";
  /** The object is deleted only where both are as given (409 otherwise). */
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface TokenRequest extends CallOptions {
  /** Of the ServiceAccount. */
  namespace: string;
  name: string;
  /** Audience of the token; the server itself where there is none. */
  audiences: readonly string[];
}

export interface Token {
  token: string;
  expiresAt: Date;
}

export interface LogRequest {
  namespace: string;
  pod: string;
  container: string;
  /** Goes on with what comes. */
  follow?: boolean;
  /** Only lines from then on. */
  since?: Date | undefined;
  /** Only so many of the last lines. */
  tailLines?: number | undefined;
}

export interface ListOptions<Kept = KubeObject> extends CallOptions {
  /** What the list has of an object, taken as each page is read: a list of large objects is then never held whole. */
  keep?: ((object: KubeObject) => Kept) | undefined;
}

/** All objects of a selection, at one resourceVersion. */
export interface Listed<Kept = KubeObject> {
  objects: Kept[];
  resourceVersion: string;
}

export interface WatchOptions<Kept = KubeObject> {
  /** What `listed` has of an object, taken as each is read. */
  keep?: ((object: KubeObject) => Kept) | undefined;
  /**
   * Told of every failed attempt to list or watch, after which the watch goes on by itself; for logs and for those who
   * must know that they see nothing (403, for instance).
   *
   * @param failures how many in a row
   */
  onFailure?: ((error: Error, failures: number) => void) | undefined;
  /** Told when a connection stands that goes on where the last one ended: what came meanwhile comes first. */
  onResume?: (() => void) | undefined;
}

export type WatchEvent<Kept = KubeObject> =
  /** The complete truth; also after every gap, so that a consumer never misses a deletion. */
  | { type: "listed"; objects: Kept[]; resourceVersion: string }
  | { type: "applied"; object: KubeObject }
  | { type: "deleted"; object: KubeObject };

/**
 * An API server, spoken to as one identity. Objects are plain JSON, as the server sent them. Every method throws
 * `ApiError` for what the server rejects and `Fault("APIServerUnavailable", …)` where it cannot be reached.
 */
export interface Kube extends AsyncDisposable {
  /** `undefined` where the object does not exist. */
  get: (ref: ObjectRef, options?: CallOptions & { metadataOnly?: boolean }) => Promise<KubeObject | undefined>;
  /** All pages. `resourceVersion` is where a watch goes on. */
  list: <Kept = KubeObject>(selection: Selection, options?: ListOptions<Kept>) => Promise<Listed<Kept>>;
  /** Never ends by itself: reconnects with backoff and jitter, lists again after a gap. Ends when `signal` aborts. */
  watch: <Kept = KubeObject>(
    selection: Selection,
    signal: AbortSignal,
    options?: WatchOptions<Kept>,
  ) => AsyncGenerator<WatchEvent<Kept>, void, undefined>;
  create: (resource: Resource, object: KubeObject, options: WriteOptions) => Promise<KubeObject>;
  /** Server-side apply with `fieldValidation=Strict`. */
  apply: (resource: Resource, object: KubeObject, options: ApplyOptions) => Promise<Applied>;
  patch: (ref: ObjectRef, patch: Patch, options: PatchOptions) => Promise<KubeObject>;
  /** Full replacement (PUT); optimistic where the object carries a resourceVersion. */
  replace: (resource: Resource, object: KubeObject, options: WriteOptions) => Promise<KubeObject>;
  /** Whether there was something to delete. */
  delete: (ref: ObjectRef, options?: DeleteOptions) => Promise<boolean>;
  /** A token of a ServiceAccount, for as long as the server gives one. */
  createToken: (request: TokenRequest) => Promise<Token>;
  /**
   * The lines of a container's log, those of one chunk at a time, each with its time (RFC 3339) before it. Tried once; ends
   * with the connection, also where it follows. A server that has nothing to send yet may not answer in time.
   */
  logs: (request: LogRequest, signal: AbortSignal) => AsyncGenerator<string[], void, undefined>;
  /** Version of the server, such as `v1.37.2`. */
  serverVersion: (options?: CallOptions) => Promise<string>;
  /**
   * Which resource serves a kind; asks the server again, once a second at most, where it is unknown. `undefined` where there
   * is none.
   *
   * @throws ApiUnavailable if that is not known, since the server of an aggregated API of its group does not respond
   */
  resourceOf: (apiVersion: string, kind: string, options?: CallOptions) => Promise<Resource | undefined>;
  /**
   * Which resource a person means by a word: a kind, plural, singular or short name in any case, alone or with its group
   * (`deployment.apps`) or version and group (`deployments.v1.apps`). Asks the server each time.
   */
  resourceNamed: (word: string, options?: CallOptions) => Promise<Resource | undefined>;
  /**
   * The same server as another user, over the same connections and with the same discovery.
   *
   * @throws Fault `InvalidReference` where no header can hold the name
   */
  impersonate: (user: string) => Kube;
}
