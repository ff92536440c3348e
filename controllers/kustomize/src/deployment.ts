import { artifactSources, HelmRelease } from "@leat/api";
import type { Deployment } from "@leat/controller";

const read = ["get", "list", "watch"];

export const deployment = {
  name: "kustomize-controller",
  rules: [
    {
      apiGroups: [artifactSources.GitRepository.group],
      resources: Object.values(artifactSources)
        .map(({ plural }) => plural)
        .toSorted(),
      verbs: read,
    },
    { apiGroups: [HelmRelease.group], resources: [HelmRelease.plural], verbs: read },
    { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: read },
    { apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] },
    // Not users and groups: who may impersonate those is the administrator.
    { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "impersonate"] },
  ],
  appliesObjects: true,
  servesArtifacts: false,
  usesGit: false,
  binaries: { "kustomize-binary": "kustomize", "kustomize-renderer": "kustomize-renderer" },
  localFlags: ({ directory }) => [`--work-directory=${directory}/work`],
  chart: {
    flags: [],
    lockdownFlags: [
      "--no-cross-namespace-refs=true",
      "--no-remote-bases=true",
      "--default-service-account={{ .Values.multitenancy.defaultServiceAccount }}",
    ],
    values: { resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "1Gi" } } },
  },
} as const satisfies Deployment;
