import type { Deployment } from "@leat/controller";

export const deployment = {
  name: "source-controller",
  rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  appliesObjects: false,
  servesArtifacts: true,
  usesGit: true,
  binaries: {},
  localFlags: ({ directory, port }) => [
    `--storage-path=${directory}/storage`,
    `--storage-addr=127.0.0.1:${port}`,
    // Then it is where artifacts are served.
    "--storage-adv-addr=",
  ],
  chart: {
    flags: [
      "--storage-path=/data",
      "--storage-adv-addr={{ .fullname }}.$(RUNTIME_NAMESPACE).svc.{{ .Values.clusterDomain }}.",
    ],
    lockdownFlags: ["--no-cross-namespace-refs=true"],
    values: {
      replicas: 1,
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "1Gi" } },
      storage: { sizeLimit: "50Gi", existingClaim: "" },
    },
  },
} as const satisfies Deployment;
