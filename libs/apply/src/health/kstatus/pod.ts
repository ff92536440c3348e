import type { KubeObject } from "@leat/api";
import { isRecord } from "../../fields/json-edit.ts";
import { conditionOf, current, failed, inProgress, type Reading, section, textOf, wordsOf } from "./reading.ts";

// Nodes may be on their way.
const schedulingLimitMs = 15_000;

export function readPod(object: KubeObject, now: number): Reading {
  const phase = textOf(section(object, "status")["phase"]);
  switch (phase) {
    case "Succeeded":
      return current("has completed");
    case "Failed":
      return failed(textOf(section(object, "status")["message"]) || "has completed, but not successfully");
    case "Running":
      return readRunning(object);
    case "Pending":
      return readPending(object, now);
    default:
      return inProgress(phase === "" ? "has no phase yet" : `its phase is ${phase}`);
  }
}

function readRunning(object: KubeObject): Reading {
  if (conditionOf(object, "Ready")?.status === "True") return current("is ready");
  return crashing(object) ?? inProgress("is running but not ready");
}

function readPending(object: KubeObject, now: number): Reading {
  const scheduled = conditionOf(object, "PodScheduled");
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable") {
    const age = now - Date.parse(object.metadata.creationTimestamp ?? "");
    const message = wordsOf(scheduled, "cannot be scheduled");
    return age > schedulingLimitMs ? failed(message) : inProgress(message);
  }
  return crashing(object) ?? inProgress("is pending");
}

function crashing(object: KubeObject): Reading | undefined {
  const { initContainerStatuses, containerStatuses } = section(object, "status");
  const statuses = [initContainerStatuses, containerStatuses].flatMap((list) => (Array.isArray(list) ? list : []));
  const names = statuses.filter(isCrashing).map(({ name }) => textOf(name));
  return names.length === 0 ? undefined : failed(`containers keep crashing (CrashLoopBackOff): ${names.join(", ")}`);
}

function isCrashing(status: unknown): status is Record<string, unknown> {
  if (!isRecord(status) || !isRecord(status["state"]) || !isRecord(status["state"]["waiting"])) return false;
  return status["state"]["waiting"]["reason"] === "CrashLoopBackOff";
}
