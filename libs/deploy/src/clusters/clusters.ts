import { Fault, type KubeConfigReference } from "@leat/api";
import type { Applier } from "@leat/apply";
import { ApiError, type Kube } from "@leat/kube";
import type { ObjectKey } from "@leat/controller";
import type { Access, Asked } from "./access.ts";
import { type During, openRemoteCluster, type RemoteCluster, unusable } from "./remote-cluster.ts";

/** An object that may name the cluster that it is applied to. */
export interface Targeting {
  metadata: ObjectKey;
  spec: { kubeConfig?: KubeConfigReference | undefined };
}

/** The clusters that objects are applied to: one connection and one applier for each cluster, shared by all its objects. */
export interface Clusters extends AsyncDisposable {
  /** The cluster of an object. It stays open until the result is disposed of. */
  open: (object: Targeting, signal: AbortSignal) => Promise<Opened>;
  /** The object does not exist any more. */
  forget: (key: ObjectKey) => void;
}

export type Opened =
  | ({ kind: "open"; kube: Kube; applier: Applier; during: During } & Disposable)
  /** What holds the configuration of the cluster does not exist. */
  | { kind: "missing"; message: string }
  /** It cannot be read, or the cluster cannot be reached. */
  | { kind: "unusable"; message: string };

export interface ClustersOptions {
  /** The cluster that the controller's own objects are in. The applier ends with the clusters. */
  own: { kube: Kube; applier: Applier };
  access: (asked: Asked) => Promise<Access>;
  /** For another cluster. Ends when it is disposed of. */
  applierFor: (kube: Kube) => Applier;
  userAgent: string;
  /** The cluster of the object can be reached again. */
  onReachable: (key: ObjectKey) => void;
}

export function createClusters(options: ClustersOptions): Clusters {
  return new SharedClusters(options);
}

/** A remote cluster and who uses it. */
interface Shared {
  key: string;
  opening: Promise<RemoteCluster>;
  users: Map<string, ObjectKey>;
  /** Runs that are under way. */
  leases: number;
}

class SharedClusters implements Clusters {
  readonly #options: ClustersOptions;
  readonly #shared = new Map<string, Shared>();
  /** The cluster that each object was applied to last. */
  readonly #used = new Map<string, Shared | "own">();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  async open({ metadata: { namespace, name }, spec }: Targeting, signal: AbortSignal): Promise<Opened> {
    signal.throwIfAborted();
    const key = { namespace, name };
    if (spec.kubeConfig === undefined) {
      this.#use(key, "own");
      return { kind: "open", ...this.#options.own, during: async (until, work) => work(until), ...noLease };
    }
    const access = await this.#options.access({ reference: spec.kubeConfig, namespace, signal });
    // It may have been forgotten meanwhile.
    signal.throwIfAborted();
    if (access.kind === "found") return this.#openRemote(key, access);
    this.#use(key, undefined);
    return { kind: access.kind, message: unusable(access.name, access.message) };
  }

  forget(key: ObjectKey): void {
    this.#options.own.applier.forget(key);
    this.#use(key, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const shared of this.#shared.values()) this.#close(shared);
    await Promise.all([...this.#closing, this.#options.own.applier[Symbol.asyncDispose]()]);
  }

  async #openRemote(key: ObjectKey, access: Extract<Access, { kind: "found" }>): Promise<Opened> {
    const shared = this.#shared.getOrInsertComputed(access.key, () => this.#connect(access));
    const lease = this.#lease(shared);
    this.#use(key, shared);
    try {
      const { kube, applier, reachability, during } = await shared.opening;
      const why = await reachability.check();
      if (why === undefined) return { kind: "open", kube, applier, during: during(access.name), ...lease };
      lease[Symbol.dispose]();
      return { kind: "unusable", message: unusable(access.name, why) };
    } catch (error) {
      // The next run connects again.
      this.#close(shared);
      this.#use(key, undefined);
      lease[Symbol.dispose]();
      if (!(error instanceof Fault || error instanceof ApiError)) throw error;
      return { kind: "unusable", message: unusable(access.name, error.message) };
    }
  }

  #connect(access: Extract<Access, { kind: "found" }>): Shared {
    const users = new Map<string, ObjectKey>();
    const { applierFor, userAgent, onReachable } = this.#options;
    const onBack = () => users.values().forEach(onReachable);
    const opening = openRemoteCluster(access, { applierFor, userAgent, onBack });
    return { key: access.key, opening, users, leases: 0 };
  }

  #lease(shared: Shared): Disposable {
    shared.leases += 1;
    return {
      [Symbol.dispose]: () => {
        shared.leases -= 1;
        this.#closeUnused(shared);
      },
    };
  }

  /** The cluster that the object used before forgets it. */
  #use(key: ObjectKey, next: Shared | "own" | undefined): void {
    const text = `${key.namespace}/${key.name}`;
    const before = this.#used.get(text);
    if (before === next) return;
    if (next === undefined) this.#used.delete(text);
    else this.#used.set(text, next);
    if (typeof next === "object") next.users.set(text, key);
    if (before === "own") this.#options.own.applier.forget(key);
    if (typeof before !== "object") return;
    before.users.delete(text);
    before.opening.then(({ applier }) => applier.forget(key), ignoreUnopened);
    this.#closeUnused(before);
  }

  #closeUnused(shared: Shared): void {
    if (shared.users.size === 0 && shared.leases === 0) this.#close(shared);
  }

  #close(shared: Shared): void {
    if (this.#shared.get(shared.key) !== shared) return;
    this.#shared.delete(shared.key);
    const closing = shared.opening
      .then((cluster) => cluster[Symbol.asyncDispose](), ignoreUnopened)
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

const noLease: Disposable = { [Symbol.dispose]: () => {} };

function ignoreUnopened(): void {
  // Who has asked for it has heard why.
}
