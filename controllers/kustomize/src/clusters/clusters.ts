import { Fault, type Kustomization } from "@leat/api";
import type { Applier } from "@leat/apply";
import { ApiError, type Kube } from "@leat/kube";
import type { ObjectKey } from "@leat/controller";
import type { Access, Asked } from "./access.ts";
import { type During, openRemoteCluster, type RemoteCluster, unusable } from "./remote-cluster.ts";

/** The clusters that Kustomizations are applied to: one connection and one applier for each, shared by all who use it. */
export interface Clusters extends AsyncDisposable {
  /** The cluster of a Kustomization. It is not closed before what is given is disposed of. */
  open: (object: Kustomization, signal: AbortSignal) => Promise<Opened>;
  /** The Kustomization is gone. */
  forget: (key: ObjectKey) => void;
}

export type Opened =
  | ({ kind: "open"; kube: Kube; applier: Applier; during: During } & Disposable)
  /** What holds the configuration of the cluster does not exist. */
  | { kind: "missing"; message: string }
  /** It cannot be read, or the cluster cannot be reached. */
  | { kind: "unusable"; message: string };

export interface ClustersOptions {
  /** The cluster that the controller's own objects are in. */
  own: { kube: Kube; applier: Applier };
  access: (asked: Asked) => Promise<Access>;
  /** For another cluster. Ends when it is disposed of. */
  applierFor: (kube: Kube) => Applier;
  /** The cluster of the Kustomization can be reached again. */
  wake: (key: ObjectKey) => void;
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
  /** Which cluster each Kustomization was applied to last. */
  readonly #used = new Map<string, Shared | "own">();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  async open({ metadata: { namespace, name }, spec }: Kustomization, signal: AbortSignal): Promise<Opened> {
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
    await Promise.all(this.#closing);
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
      // The next run connects anew.
      this.#close(shared);
      this.#use(key, undefined);
      lease[Symbol.dispose]();
      if (!(error instanceof Fault || error instanceof ApiError)) throw error;
      return { kind: "unusable", message: unusable(access.name, error.message) };
    }
  }

  #connect(access: Extract<Access, { kind: "found" }>): Shared {
    const users = new Map<string, ObjectKey>();
    const onBack = () => users.values().forEach(this.#options.wake);
    const opening = openRemoteCluster(access, { applierFor: this.#options.applierFor, onBack });
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

  /** What the Kustomization used before is no longer looked after for it. */
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
