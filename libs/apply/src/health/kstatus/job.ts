import type { KubeObject } from "@leat/api";
import { conditionOf, current, failed, inProgress, numberOf, type Reading, section, wordsOf } from "./reading.ts";

/** A Job is where it should be once it has completed, or while somebody has suspended it. */
export function readJob(object: KubeObject): Reading {
  const failure = conditionOf(object, "Failed");
  if (failure?.status === "True") return failed(wordsOf(failure, "has failed"));
  if (conditionOf(object, "Complete")?.status === "True") return current("has completed");
  if (conditionOf(object, "Suspended")?.status === "True") return current("is suspended");
  const status = section(object, "status");
  if (status["startTime"] === undefined) return inProgress("has not started");
  const [active, succeeded, lost] = [status["active"], status["succeeded"], status["failed"]].map((n) => numberOf(n));
  return inProgress(`is running: ${active} active, ${succeeded} succeeded, ${lost} failed`);
}

/** What it has started is not its own state. */
export function readCronJob(): Reading {
  return current("is scheduled");
}
