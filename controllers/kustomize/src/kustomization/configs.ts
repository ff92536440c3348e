import type { Resource } from "@leat/api";

/** The kinds that configuration and secrets are read from. */
export const configKinds = {
  ConfigMap: { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
  Secret: { group: "", version: "v1", kind: "Secret", plural: "secrets", namespaced: true },
} as const satisfies Record<string, Resource>;
