import type { Resource } from "../resource.ts";

/** What a dependency on a HelmRelease and the labels on its objects are read by. */
export const HelmRelease = {
  group: "helm.toolkit.fluxcd.io",
  version: "v2",
  kind: "HelmRelease",
  plural: "helmreleases",
  namespaced: true,
} as const satisfies Resource;
