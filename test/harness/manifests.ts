import { outcomeAnnotation } from "@leat/testing";

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

/** A Secret; its values are written as they are given. */
export function secret(name: string, values: Record<string, string>): string {
  const data = Object.entries(values).map(([key, value]) => `  ${key}: ${Buffer.from(value).toString("base64")}`);
  return ["apiVersion: v1", "kind: Secret", `metadata: {name: ${name}}`, "data:", ...data, "---", ""].join("\n");
}

/** A ServiceAccount of the scenario's namespace that may do this with its ConfigMaps. */
export function serviceAccount(name: string, verbs: readonly string[]): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${name}}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [${verbs.join(", ")}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name}}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: "{{ns}}"}]
---
`;
}

/** A namespaced kind with a status, whose objects may hold anything. */
export function definition(group: string, version: string, kind: string): string {
  const plural = `${kind.toLowerCase()}s`;
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: ${plural}, singular: ${kind.toLowerCase()}, kind: ${kind}, listKind: ${kind}List}
  versions:
  - name: ${version}
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
`;
}

/** A Deployment in the scenario's namespace: its pods become ready, never do so, or fit on no node. */
export function deployment(name: string, pods: "ready" | "unready" | "unschedulable" = "ready"): string {
  const nowhere = pods === "unschedulable" ? ", nodeSelector: {no: such-node}" : "";
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: "{{ns}}"}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: {${outcomeAnnotation}: "${pods === "unready" ? pods : ""}"}}
    spec: {containers: [{name: ${name}, image: "example.org/${name}:1"}]${nowhere}}
---
`;
}

/** A Job in the scenario's namespace, whose pod succeeds, or fails for good; `annotations` are its own, in flow style. */
export function job(name: string, image: string, { fails = false, annotations = "{}" } = {}): string {
  return `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, namespace: "{{ns}}", annotations: ${annotations}}
spec:
  backoffLimit: ${fails ? 0 : 6}
  template:
    metadata: {annotations: {${outcomeAnnotation}: "${fails ? "failed" : ""}"}}
    spec: {restartPolicy: Never, containers: [{name: job, image: "${image}"}]}
---
`;
}
