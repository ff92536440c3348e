/** Annotation of a pod: how it fares on our nodes. */
export const outcomeAnnotation = "testing.leat.dev/outcome";

/**
 * What happens to nodes and pods, as stages for kwok (`kwok.x-k8s.io/v1alpha1`): a node gets ready, a pod runs and is
 * ready, a pod of a Job succeeds, a pod that is deleted goes. The annotation `testing.leat.dev/outcome` makes a pod
 * `failed` (it exits with 1) or `unready` (it runs and never gets ready).
 */
export function kwokConfig(): string {
  const stages = [nodeReady(), podReady(), podUnready(), podSucceeded(), podFailed(), podDeleted()];
  return stages.map((each) => JSON.stringify(each)).join("\n---\n");
}

interface Requirement {
  key: string;
  operator: "Exists" | "DoesNotExist" | "In" | "NotIn";
  values?: string[];
}

interface StageParts {
  kind: "Node" | "Pod";
  when: Requirement[];
  next: object;
}

function stage(name: string, { kind, when, next }: StageParts): object {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup: "v1", kind }, selector: { matchExpressions: when }, next },
  };
}

function nodeReady(): object {
  const when: Requirement[] = [{ key: ".status.phase", operator: "NotIn", values: ["Running"] }];
  return stage("node-ready", { kind: "Node", when, next: { statusTemplate: nodeStatus } });
}

const alive: Requirement = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const ofJob: Requirement = { key: ".metadata.ownerReferences.[].kind", operator: "In", values: ["Job"] };
const notOfJob: Requirement = { ...ofJob, operator: "NotIn" };

function phase(operator: "In" | "NotIn", ...values: string[]): Requirement {
  return { key: ".status.phase", operator, values };
}

function outcome(operator: "In" | "NotIn", ...values: string[]): Requirement {
  return { key: `.metadata.annotations["${outcomeAnnotation}"]`, operator, values };
}

function podReady(): object {
  const when = [alive, notOfJob, phase("In", "Pending"), outcome("NotIn", "failed", "unready")];
  return stage("pod-ready", { kind: "Pod", when, next: { statusTemplate: podStatus("running") } });
}

function podUnready(): object {
  const when = [alive, phase("In", "Pending"), outcome("In", "unready")];
  return stage("pod-unready", { kind: "Pod", when, next: { statusTemplate: podStatus("unready") } });
}

function podSucceeded(): object {
  const when = [alive, ofJob, phase("In", "Pending"), outcome("NotIn", "failed", "unready")];
  return stage("pod-succeeded", { kind: "Pod", when, next: { statusTemplate: podStatus("succeeded") } });
}

function podFailed(): object {
  const when = [alive, phase("In", "Pending"), outcome("In", "failed")];
  return stage("pod-failed", { kind: "Pod", when, next: { statusTemplate: podStatus("failed") } });
}

function podDeleted(): object {
  const when: Requirement[] = [{ key: ".metadata.deletionTimestamp", operator: "Exists" }];
  return stage("pod-deleted", { kind: "Pod", when, next: { finalizers: { empty: true }, delete: true } });
}

const nodeStatus = `
{{ $now := Now }}
phase: Running
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
allocatable: &resources
  cpu: 1k
  memory: 1Ti
  ephemeral-storage: 1Ti
  pods: 10k
capacity: *resources
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: kwok
  kernelVersion: kwok
  kubeProxyVersion: kwok
  kubeletVersion: v1.37.2
  machineID: ""
  operatingSystem: linux
  osImage: kwok
  systemUUID: ""
conditions:
- type: Ready
  status: "True"
  reason: KubeletReady
  message: nothing runs here
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
`;

type PodFate = "running" | "unready" | "succeeded" | "failed";

const phases = { running: "Running", unready: "Running", succeeded: "Succeeded", failed: "Failed" };

function podStatus(fate: PodFate): string {
  const isReady = fate === "running";
  return `
{{ $now := Now }}
phase: ${phases[fate]}
startTime: {{ $now | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:
${["Initialized", "Ready", "ContainersReady"].map((type) => condition(type, type === "Initialized" || isReady)).join("\n")}
initContainerStatuses:
{{ range .spec.initContainers }}
${containerStatus(false, terminated("Completed", 0))}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
${containerStatus(isReady, containerState(fate))}
{{ end }}
`;
}

function condition(type: string, holds: boolean): string {
  return `- { type: ${type}, status: "${holds ? "True" : "False"}", lastTransitionTime: {{ $now | Quote }} }`;
}

function containerStatus(isReady: boolean, state: string): string {
  return `- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: ${isReady}
  started: ${isReady}
  restartCount: 0
  state: ${state}`;
}

function containerState(fate: PodFate): string {
  if (fate === "succeeded") return terminated("Completed", 0);
  if (fate === "failed") return terminated("Error", 1);
  return "{ running: { startedAt: {{ $now | Quote }} } }";
}

function terminated(reason: string, exitCode: number): string {
  return `{ terminated: { reason: ${reason}, exitCode: ${exitCode}, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} } }`;
}
