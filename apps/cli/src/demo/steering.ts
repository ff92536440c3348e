import { GitRepository, type KubeObject, Kustomization, requestedAtAnnotation } from "@leat/api";
import type { Kube } from "@leat/kube";
import { conditionOf } from "../cluster/condition-of.ts";
import { repositoryName, steeringNamespace } from "./declarations.ts";
import { observe } from "./observe.ts";
import type { EnvironmentName } from "./sample-repository.ts";

/** What steers the shop: what the story asks of the GitRepository and the Kustomizations, and what they say. */
export interface Steering {
  /** Milliseconds since the epoch at which an environment says that it is ready at a commit. */
  readyAt: (environment: EnvironmentName, commit: string) => Promise<number>;
  /** The message of an environment that rejects a commit. */
  rejection: (environment: EnvironmentName, commit: string) => Promise<string>;
  /** Sets what happens to drift in an environment, and waits until its controller has taken note. */
  setDriftMode: (environment: EnvironmentName, mode: DriftMode) => Promise<void>;
  /** What an environment says of changes that others have made. */
  driftReported: (environment: EnvironmentName) => Promise<string>;
  /** Asks for a look at the repository now, as a webhook does. */
  requestReconciliation: () => Promise<void>;
}

export type DriftMode = "enabled" | "warn";

const timeoutMs = 60_000;

export function openSteering(kube: Kube, signal: AbortSignal): Steering {
  const kustomization = (name: EnvironmentName) => ({ resource: Kustomization, namespace: steeringNamespace, name });
  const seen = <T>(name: EnvironmentName, what: string, read: (object: KubeObject | undefined) => T | undefined) =>
    observe(kube, { ref: kustomization(name), what: `${name} ${what}`, timeoutMs, read }, signal);
  return {
    readyAt: (name, commit) =>
      seen(name, `at ${short(commit)}`, (object) => (isReadyAt(object, commit) ? Date.now() : undefined)),
    rejection: (name, commit) => seen(name, `to reject ${short(commit)}`, (object) => rejectionOf(object, commit)),
    setDriftMode: async (name, mode) => {
      const body = { spec: { driftDetection: { mode } } };
      await kube.patch(kustomization(name), { type: "merge", body }, { fieldManager: "leat-demo", signal });
      await seen(name, `to observe mode ${mode}`, (object) => isReadyAsDeclared(object) || undefined);
    },
    driftReported: (name) => seen(name, "to report drift", driftOf),
    requestReconciliation: async () => {
      const body = { metadata: { annotations: { [requestedAtAnnotation]: new Date().toISOString() } } };
      const ref = { resource: GitRepository, namespace: steeringNamespace, name: repositoryName };
      await kube.patch(ref, { type: "merge", body }, { fieldManager: "leat-demo", signal });
    },
  };
}

/** The first letters of a commit's id, enough to recognise it. */
export function short(commit: string): string {
  return commit.slice(0, 8);
}

function isReadyAt(object: KubeObject | undefined, commit: string): boolean {
  const { lastAppliedRevision = "" } = (object?.["status"] ?? {}) as { lastAppliedRevision?: string };
  return lastAppliedRevision.endsWith(commit) && conditionOf(object, "Ready")?.status === "True";
}

function rejectionOf(object: KubeObject | undefined, commit: string): string | undefined {
  const { lastAttemptedRevision = "" } = (object?.["status"] ?? {}) as { lastAttemptedRevision?: string };
  const ready = conditionOf(object, "Ready");
  return lastAttemptedRevision.endsWith(commit) && ready?.status === "False" ? ready.message : undefined;
}

function isReadyAsDeclared(object: KubeObject | undefined): boolean {
  const ready = conditionOf(object, "Ready");
  return ready?.status === "True" && ready.observedGeneration === object?.metadata.generation;
}

function driftOf(object: KubeObject | undefined): string | undefined {
  const drifted = conditionOf(object, "Drifted");
  return drifted?.status === "True" ? drifted.message : undefined;
}
