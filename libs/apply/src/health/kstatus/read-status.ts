import { groupOf, type KubeObject } from "@leat/api";
import { readCronJob, readJob } from "./job.ts";
import { readPod } from "./pod.ts";
import {
  conditionOf,
  current,
  failed,
  inProgress,
  numberOf,
  type Reading,
  section,
  textOf,
  wordsOf,
} from "./reading.ts";
import { readDaemonSet, readDeployment, readReplicaSet, readStatefulSet } from "./workload.ts";

/**
 * Reads an object's status by the rules that kstatus has made common: what every kind may say (observedGeneration,
 * Reconciling, Stalled), then what the kind says in its own words, else its Ready condition.
 *
 * @param object whole, as the server gave it
 * @param now milliseconds since the epoch; some states are failures only after a while
 */
export function readStatus(object: KubeObject, now: number): Reading {
  return (
    readCommon(object) ?? kinds[`${groupOf(object.apiVersion)}/${object.kind}`]?.(object, now) ?? readReady(object)
  );
}

type Read = (object: KubeObject, now: number) => Reading;

const kinds: Readonly<Record<string, Read>> = {
  "/Pod": readPod,
  "/PersistentVolumeClaim": readPersistentVolumeClaim,
  "/Service": readService,
  "apiextensions.k8s.io/CustomResourceDefinition": readDefinition,
  "apps/DaemonSet": readDaemonSet,
  "apps/Deployment": readDeployment,
  "apps/ReplicaSet": readReplicaSet,
  "apps/StatefulSet": readStatefulSet,
  "batch/CronJob": readCronJob,
  "batch/Job": readJob,
};

function readCommon(object: KubeObject): Reading | undefined {
  const { deletionTimestamp, generation } = object.metadata;
  if (deletionTimestamp !== undefined) return { status: "Terminating", message: "is being deleted" };
  const { observedGeneration } = section(object, "status");
  if (typeof observedGeneration === "number" && generation !== undefined && observedGeneration !== generation) {
    return inProgress(`generation ${generation} is not yet observed: the last was ${observedGeneration}`);
  }
  const reconciling = conditionOf(object, "Reconciling");
  if (reconciling?.status === "True") return inProgress(wordsOf(reconciling, "is being reconciled"));
  const stalled = conditionOf(object, "Stalled");
  if (stalled?.status === "True") return failed(wordsOf(stalled, "is stalled"));
  return undefined;
}

function readReady(object: KubeObject): Reading {
  const ready = conditionOf(object, "Ready");
  if (ready === undefined) return current("exists");
  return ready.status === "True" ? current("is ready") : inProgress(wordsOf(ready, "is not ready"));
}

function readService(object: KubeObject): Reading {
  const { type, clusterIP } = section(object, "spec");
  if (type === "LoadBalancer" && textOf(clusterIP) === "") return inProgress("has no cluster IP yet");
  return current("is ready");
}

function readPersistentVolumeClaim(object: KubeObject): Reading {
  const phase = textOf(section(object, "status")["phase"], "unknown");
  return phase === "Bound" ? current("is bound") : inProgress(`is not bound: its phase is ${phase}`);
}

function readDefinition(object: KubeObject): Reading {
  const names = conditionOf(object, "NamesAccepted");
  if (names?.status === "False") return failed(wordsOf(names, "its names are not accepted"));
  const established = conditionOf(object, "Established");
  if (established?.status === "True") return current("is established");
  if (established?.status === "False" && established.reason !== "Installing") {
    return failed(wordsOf(established, "is not established"));
  }
  const versions = numberOf((section(object, "spec")["versions"] as unknown[] | undefined)?.length);
  return inProgress(`is being installed, with ${versions} version${versions === 1 ? "" : "s"}`);
}
