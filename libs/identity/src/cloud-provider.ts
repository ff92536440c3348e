import { aksCluster } from "./aks.ts";
import type { Cloud, Token } from "./cloud.ts";
import { eksCluster } from "./eks.ts";
import { gkeCluster } from "./gke-cluster.ts";
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

const kinds = { aws: eksCluster, azure: aksCluster, gcp: gkeCluster };

export type CloudProvider = keyof typeof kinds;

export function isCloudProvider(name: string): name is CloudProvider {
  return Object.hasOwn(kinds, name);
}

/** What a cloud says of a location is asked for again after this time: an authority may have been replaced. */
const locationMs = 900_000;

/** @param id as the cloud names the cluster */
export function managedCluster(provider: CloudProvider, id: string, cloud: Cloud): ManagedCluster {
  const { locate, token } = kinds[provider](id, cloud);
  return {
    token,
    locate: (identity, server, signal) => {
      const make = async (limit: AbortSignal) => ({
        ...(await locate(identity, server, limit)),
        expiresAt: new Date(Date.now() + locationMs),
      });
      return cloud.cache.get(["location", provider, id, server, identity.key], make, signal);
    },
  };
}
