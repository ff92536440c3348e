import type { KubeObject } from "@leat/api";
import { isRecord } from "../../fields/json-edit.ts";
import {
  conditionOf,
  current,
  failed,
  inProgress,
  numberOf,
  type ObjectCondition,
  type Reading,
  section,
  wordsOf,
} from "./reading.ts";

export function readDeployment(object: KubeObject): Reading {
  const progressing = conditionOf(object, "Progressing");
  if (progressing?.status === "False" && progressing.reason === "ProgressDeadlineExceeded") {
    return failed(wordsOf(progressing, "its progress deadline is exceeded"));
  }
  const wanted = replicasOf(object);
  const { replicas, updatedReplicas, availableReplicas, readyReplicas } = section(object, "status");
  const updated = numberOf(updatedReplicas);
  const missing =
    fewer("replicas", replicas, wanted) ??
    fewer("updated", updatedReplicas, wanted) ??
    leaving(replicas, wanted) ??
    fewer("available", availableReplicas, updated) ??
    fewer("ready", readyReplicas, wanted);
  return missing ?? readProgress(object, progressing) ?? current(`is available: ${wanted} replicas`);
}

function readProgress(object: KubeObject, progressing: ObjectCondition | undefined): Reading | undefined {
  const deadline = numberOf(section(object, "spec")["progressDeadlineSeconds"], noDeadline);
  const isDone = progressing?.status === "True" && progressing.reason === "NewReplicaSetAvailable";
  // Without a deadline nothing is said of progress.
  if (deadline !== noDeadline && !isDone) return inProgress("its ReplicaSet is not available");
  return conditionOf(object, "Available")?.status === "True" ? undefined : inProgress("is not available");
}

const noDeadline = 2 ** 31 - 1;

export function readStatefulSet(object: KubeObject): Reading {
  const { updateStrategy } = section(object, "spec");
  const strategy = isRecord(updateStrategy) ? updateStrategy : {};
  // The user deletes the pods.
  if (strategy["type"] === "OnDelete") return current("is updated as its pods are deleted");
  const wanted = replicasOf(object);
  const { replicas, readyReplicas, currentReplicas, updatedReplicas, currentRevision, updateRevision } = section(
    object,
    "status",
  );
  const missing =
    fewer("replicas", replicas, wanted) ?? fewer("ready", readyReplicas, wanted) ?? leaving(replicas, wanted);
  if (missing !== undefined) return missing;
  const partition = partitionOf(strategy);
  if (partition !== undefined) {
    return (
      fewer("updated", updatedReplicas, wanted - partition) ?? current("all replicas of the partition are updated")
    );
  }
  const outdated = fewer("current", currentReplicas, wanted);
  if (outdated !== undefined) return outdated;
  return currentRevision === updateRevision
    ? current(`all ${wanted} replicas are ready`)
    : inProgress("replicas of the previous revision are still running");
}

function partitionOf({ rollingUpdate }: Record<string, unknown>): number | undefined {
  return isRecord(rollingUpdate) ? numberOf(rollingUpdate["partition"]) : undefined;
}

export function readDaemonSet(object: KubeObject): Reading {
  const status = section(object, "status");
  if (status["observedGeneration"] === undefined || status["desiredNumberScheduled"] === undefined) {
    return inProgress("is not yet observed");
  }
  const wanted = numberOf(status["desiredNumberScheduled"]);
  return (
    fewer("scheduled", status["currentNumberScheduled"], wanted) ??
    fewer("updated", status["updatedNumberScheduled"], wanted) ??
    fewer("available", status["numberAvailable"], wanted) ??
    fewer("ready", status["numberReady"], wanted) ??
    current(`all ${wanted} pods are ready`)
  );
}

export function readReplicaSet(object: KubeObject): Reading {
  const failure = conditionOf(object, "ReplicaFailure");
  if (failure?.status === "True") return inProgress(wordsOf(failure, "cannot create its replicas"));
  const wanted = replicasOf(object);
  const { replicas, fullyLabeledReplicas, availableReplicas, readyReplicas } = section(object, "status");
  return (
    fewer("labelled", fullyLabeledReplicas, wanted) ??
    fewer("available", availableReplicas, wanted) ??
    fewer("ready", readyReplicas, wanted) ??
    leaving(replicas, wanted) ??
    current(`all ${wanted} replicas are ready`)
  );
}

function replicasOf(object: KubeObject): number {
  return numberOf(section(object, "spec")["replicas"], 1);
}

function fewer(what: string, there: unknown, wanted: number): Reading | undefined {
  const count = numberOf(there);
  return count < wanted ? inProgress(`${what}: ${count} of ${wanted}`) : undefined;
}

function leaving(there: unknown, wanted: number): Reading | undefined {
  const excess = numberOf(there) - wanted;
  return excess > 0 ? inProgress(`${excess} replicas are still terminating`) : undefined;
}
