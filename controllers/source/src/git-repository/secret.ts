import type { Resource } from "@leat/api";
import type { Kube } from "@leat/kube";

/** A Secret's keys with their decoded values. */
export type SecretData = ReadonlyMap<string, string>;

/** `undefined` when the Secret does not exist. */
export type ReadSecret = (namespace: string, name: string, signal: AbortSignal) => Promise<SecretData | undefined>;

const secretResource: Resource = { group: "", version: "v1", kind: "Secret", plural: "secrets", namespaced: true };

/** Secrets are read when they are needed and kept nowhere. */
export function secretReader(kube: Kube): ReadSecret {
  return async (namespace, name, signal) => {
    const secret = await kube.get({ resource: secretResource, namespace, name }, { signal });
    const data = secret && Object.entries((secret["data"] ?? {}) as Record<string, string>);
    return data && new Map(data.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
  };
}
