/** A GitRepository `repo` of the scenario's repository. `spec` is indented by two spaces and takes the place of the ref. */
export function gitRepository(spec = "  ref: {branch: main}", name = "repo"): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: ${name}}
spec:
  url: "{{url}}"
  interval: 10m
${spec}
---
`;
}

/** A Kustomization of the GitRepository `repo`. `spec` is indented by two spaces. */
export function kustomization(name = "app", spec = "  path: ./app\n  prune: true"): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}}
spec:
  interval: 10m
  retryInterval: 10m
  sourceRef: {kind: GitRepository, name: repo}
${spec}
---
`;
}

/** A ConfigMap in the scenario's namespace. */
export function configMap(name: string, value = "1"): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: "{{ns}}"}
data: {value: "${value}"}
`;
}
