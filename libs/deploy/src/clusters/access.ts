import type { KubeConfigReference } from "@leat/api";
import type { Identities } from "@leat/identity";
import type { ConnectOptions, Kube } from "@leat/kube";

/** How to reach the cluster that an object names. */
export type Access =
  | {
      kind: "found";
      /** Equal where all that matters for reaching the cluster is. */
      key: string;
      /** What holds the configuration, for messages. */
      name: string;
      connect: (options: Pick<ConnectOptions, "onRequest" | "userAgent">) => Promise<Kube>;
    }
  /** What holds the configuration does not exist. */
  | { kind: "missing"; name: string; message: string }
  | { kind: "unusable"; name: string; message: string };

export interface AccessOptions {
  /** The own cluster, as the controller itself. */
  kube: Kube;
  identities: Identities;
  /** Denies addresses of clusters that tenants name. */
  guard?: ConnectOptions["guard"];
  permitInsecureTls: boolean;
  /** ServiceAccount whose token is used where a ConfigMap names none; empty for the controller's own. */
  defaultKubeconfigServiceAccount: string;
  /** Whether the controller's own token may be used where none is named: not where tenants have to act as themselves. */
  permitOwnToken: boolean;
}

/** A `spec.kubeConfig` to read. */
export interface Asked {
  reference: KubeConfigReference;
  /** That of the object. */
  namespace: string;
  signal: AbortSignal;
}
