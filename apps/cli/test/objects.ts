import type { KubeObject } from "@leat/api";

const commit = "67e2c98a60dc92283531412a9e604dd4bae005a9";

/** As a source controller leaves it that has fetched a revision. */
export function gitRepository(
  name: string,
  overrides: { spec?: object; status?: object; labels?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name, ...(overrides.labels && { labels: overrides.labels }) },
    spec: { url: `https://git.test/${name}`, interval: "1m", ...overrides.spec },
    status: {
      observedGeneration: 1,
      conditions: [condition("Ready", "True", "Succeeded", `stored artifact for revision 'main@sha1:${commit}'`)],
      artifact: {
        path: `gitrepository/test/${name}/${commit}.tar.gz`,
        url: `http://source-controller/gitrepository/test/${name}/${commit}.tar.gz`,
        revision: `main@sha1:${commit}`,
        digest: `sha256:${"0".repeat(64)}`,
        lastUpdateTime: "2026-01-01T00:00:00Z",
        size: 2048,
      },
      ...overrides.status,
    },
  };
}

/** As a kustomize controller leaves it that has applied a revision. */
export function kustomization(
  name: string,
  overrides: { spec?: object; status?: object; labels?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name, ...(overrides.labels && { labels: overrides.labels }) },
    spec: {
      sourceRef: { kind: "GitRepository", name: "podinfo" },
      path: `./${name}`,
      interval: "10m",
      prune: true,
      ...overrides.spec,
    },
    status: {
      observedGeneration: 1,
      conditions: [condition("Ready", "True", "ReconciliationSucceeded", `Applied revision: main@sha1:${commit}`)],
      lastAppliedRevision: `main@sha1:${commit}`,
      lastAttemptedRevision: `main@sha1:${commit}`,
      ...overrides.status,
    },
  };
}

export function condition(type: string, status: "True" | "False" | "Unknown", reason: string, message: string) {
  return { type, status, reason, message, lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1 };
}
