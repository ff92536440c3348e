import type { Token } from "./cloud.ts";
import type { Identity } from "./identity.ts";

/** A cluster that a cloud runs. Everything throws Fault where the cloud does not help. */
export interface ManagedCluster {
  /**
   * Where it answers, as the cloud says.
   *
   * @param server which of several, where that is known already
   */
  locate: (identity: Identity, server: string | undefined, signal: AbortSignal) => Promise<Location>;
  /** What the cluster knows the identity by. */
  token: (identity: Identity, signal: AbortSignal) => Promise<Token>;
}

export interface Location {
  server: string;
  /** PEM. */
  ca: string;
}
