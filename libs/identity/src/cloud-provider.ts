import { aksCluster } from "./aks.ts";
import type { Cloud } from "./cloud.ts";
import { eksCluster } from "./eks.ts";
import { gkeCluster } from "./gke-cluster.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

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
