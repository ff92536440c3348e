import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { readStatus } from "./read-status.ts";
import type { Reading } from "./reading.ts";

type Row = [given: string, object: object, expected: Reading["status"], message?: RegExp];

const now = Date.parse("2026-01-01T00:01:00Z");

function condition(type: string, status: string, reason = "", message = "") {
  return { type, status, reason, message };
}

function rows(name: string, kind: { apiVersion: string; kind: string }, cases: Row[]): void {
  suite(name, () => {
    for (const [given, { metadata = {}, ...rest }, expected, message = /./] of cases as Array<
      [string, Partial<KubeObject>, Reading["status"], RegExp?]
    >) {
      test(`${given} → ${expected}`, () => {
        const reading = readStatus(
          { ...kind, ...rest, metadata: { name: "x", namespace: "n", generation: 2, ...metadata } },
          now,
        );
        assert.equal(reading.status, expected, reading.message);
        assert.match(reading.message, message);
      });
    }
  });
}

rows("any kind", { apiVersion: "example.org/v1", kind: "Widget" }, [
  ["no status", {}, "Current"],
  ["being deleted", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }, "Terminating"],
  [
    "an older generation observed",
    { status: { observedGeneration: 1, conditions: [condition("Ready", "True")] } },
    "InProgress",
    /generation 2/,
  ],
  ["never observed", { status: { observedGeneration: -1 } }, "InProgress"],
  [
    "observed, without a generation",
    { metadata: { generation: undefined }, status: { observedGeneration: 1 } },
    "Current",
  ],
  ["ready", { status: { observedGeneration: 2, conditions: [condition("Ready", "True")] } }, "Current"],
  ["not ready", { status: { conditions: [condition("Ready", "False", "R", "no disk")] } }, "InProgress", /^no disk$/],
  ["readiness unknown", { status: { conditions: [condition("Ready", "Unknown", "R")] } }, "InProgress", /^R$/],
  [
    "reconciling, and ready before",
    { status: { conditions: [condition("Ready", "True"), condition("Reconciling", "True", "P")] } },
    "InProgress",
  ],
  [
    "stalled",
    { status: { conditions: [condition("Ready", "False"), condition("Stalled", "True", "S", "bad url")] } },
    "Failed",
    /^bad url$/,
  ],
  ["not stalled", { status: { conditions: [condition("Stalled", "False")] } }, "Current"],
  ["conditions of another form", { status: { conditions: "none" } }, "Current"],
]);

const available = [condition("Progressing", "True", "NewReplicaSetAvailable"), condition("Available", "True")];
const full = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 };
const deploymentSpec = { replicas: 3, progressDeadlineSeconds: 600 };
rows("Deployment", { apiVersion: "apps/v1", kind: "Deployment" }, [
  ["no status", { spec: deploymentSpec }, "InProgress", /replicas: 0 of 3/],
  ["all there", { spec: deploymentSpec, status: { ...full, conditions: available } }, "Current"],
  [
    "no replicas wanted",
    { spec: { replicas: 0, progressDeadlineSeconds: 600 }, status: { observedGeneration: 2, conditions: available } },
    "Current",
  ],
  [
    "one wanted by default",
    { spec: { progressDeadlineSeconds: 600 }, status: { replicas: 0 } },
    "InProgress",
    /0 of 1/,
  ],
  [
    "some not updated",
    { spec: deploymentSpec, status: { ...full, updatedReplicas: 1, conditions: available } },
    "InProgress",
    /updated: 1 of 3/,
  ],
  [
    "old ones still ending",
    { spec: deploymentSpec, status: { ...full, replicas: 4, conditions: available } },
    "InProgress",
    /1 replicas are still terminating/,
  ],
  [
    "some not available",
    { spec: deploymentSpec, status: { ...full, availableReplicas: 2, conditions: available } },
    "InProgress",
    /available: 2 of 3/,
  ],
  [
    "some not ready",
    { spec: deploymentSpec, status: { ...full, readyReplicas: 2, conditions: available } },
    "InProgress",
    /ready: 2 of 3/,
  ],
  [
    "ReplicaSet not yet available",
    { spec: deploymentSpec, status: { ...full, conditions: [condition("Available", "True")] } },
    "InProgress",
  ],
  [
    "no deadline",
    {
      spec: { replicas: 3, progressDeadlineSeconds: 2 ** 31 - 1 },
      status: { ...full, conditions: [condition("Available", "True")] },
    },
    "Current",
  ],
  [
    "not available",
    { spec: deploymentSpec, status: { ...full, conditions: [available[0], condition("Available", "False")] } },
    "InProgress",
  ],
  [
    "deadline exceeded",
    {
      spec: deploymentSpec,
      status: {
        observedGeneration: 2,
        conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")],
      },
    },
    "Failed",
    /timed out/,
  ],
]);

const rolled = {
  observedGeneration: 2,
  replicas: 3,
  readyReplicas: 3,
  currentReplicas: 3,
  updatedReplicas: 3,
  currentRevision: "a",
  updateRevision: "a",
};
const rolling = (partition: number) => ({
  replicas: 3,
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } },
});
rows("StatefulSet", { apiVersion: "apps/v1", kind: "StatefulSet" }, [
  ["no status", { spec: { replicas: 3 } }, "InProgress"],
  ["all there", { spec: { replicas: 3 }, status: rolled }, "Current"],
  ["not ready", { spec: rolling(0), status: { ...rolled, readyReplicas: 2 } }, "InProgress", /ready: 2 of 3/],
  ["too many", { spec: rolling(0), status: { ...rolled, replicas: 5 } }, "InProgress", /2 replicas/],
  ["all of the default partition updated", { spec: rolling(0), status: rolled }, "Current"],
  [
    "some of the partition not updated",
    { spec: rolling(1), status: { ...rolled, updatedReplicas: 1 } },
    "InProgress",
    /updated: 1 of 2/,
  ],
  ["all of the partition updated", { spec: rolling(2), status: { ...rolled, updatedReplicas: 1 } }, "Current"],
  ["another revision", { spec: { replicas: 3 }, status: { ...rolled, updateRevision: "b" } }, "InProgress", /revision/],
  [
    "not all current",
    { spec: { replicas: 3 }, status: { ...rolled, currentReplicas: 1 } },
    "InProgress",
    /current: 1 of 3/,
  ],
  ["updated by deletion", { spec: { updateStrategy: { type: "OnDelete" } } }, "Current"],
]);

const scheduled = {
  observedGeneration: 2,
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
};
rows("DaemonSet", { apiVersion: "apps/v1", kind: "DaemonSet" }, [
  ["no status", {}, "InProgress", /observed/],
  ["all there", { status: scheduled }, "Current"],
  ["no node wants it", { status: { observedGeneration: 2, desiredNumberScheduled: 0 } }, "Current"],
  ["not scheduled", { status: { ...scheduled, currentNumberScheduled: 1 } }, "InProgress", /scheduled: 1 of 2/],
  ["not updated", { status: { ...scheduled, updatedNumberScheduled: 0 } }, "InProgress", /updated: 0 of 2/],
  ["not available", { status: { ...scheduled, numberAvailable: 1 } }, "InProgress", /available/],
  ["not ready", { status: { ...scheduled, numberReady: 1 } }, "InProgress", /ready/],
]);

rows("ReplicaSet", { apiVersion: "apps/v1", kind: "ReplicaSet" }, [
  [
    "all there",
    { spec: { replicas: 1 }, status: { replicas: 1, fullyLabeledReplicas: 1, availableReplicas: 1, readyReplicas: 1 } },
    "Current",
  ],
  ["failing", { status: { conditions: [condition("ReplicaFailure", "True", "", "quota")] } }, "InProgress", /quota/],
  ["none labelled", { spec: { replicas: 1 }, status: {} }, "InProgress", /labelled: 0 of 1/],
  ["too many", { spec: { replicas: 0 }, status: { replicas: 2 } }, "InProgress", /2 replicas/],
]);

rows("Job", { apiVersion: "batch/v1", kind: "Job" }, [
  ["no status", {}, "InProgress", /has not started/],
  ["running", { status: { startTime: "x", active: 1, failed: 2 } }, "InProgress", /1 active, 0 succeeded, 2 failed/],
  ["complete", { status: { startTime: "x", conditions: [condition("Complete", "True")] } }, "Current"],
  [
    "failed",
    { status: { conditions: [condition("Failed", "True", "BackoffLimitExceeded", "too often")] } },
    "Failed",
    /too often/,
  ],
  ["suspended", { status: { conditions: [condition("Suspended", "True")] } }, "Current"],
]);

const waiting = (reason: string) => [{ name: "main", state: { waiting: { reason } } }];
rows("Pod", { apiVersion: "v1", kind: "Pod" }, [
  ["no status", {}, "InProgress"],
  ["succeeded", { status: { phase: "Succeeded" } }, "Current"],
  ["failed", { status: { phase: "Failed", message: "evicted" } }, "Failed", /evicted/],
  ["ready", { status: { phase: "Running", conditions: [condition("Ready", "True")] } }, "Current"],
  ["not ready", { status: { phase: "Running", conditions: [condition("Ready", "False")] } }, "InProgress"],
  [
    "ending again and again",
    { status: { phase: "Running", containerStatuses: waiting("CrashLoopBackOff") } },
    "Failed",
    /main/,
  ],
  [
    "the same before it runs",
    { status: { phase: "Pending", initContainerStatuses: waiting("CrashLoopBackOff") } },
    "Failed",
    /main/,
  ],
  ["pulling", { status: { phase: "Pending", containerStatuses: waiting("ContainerCreating") } }, "InProgress"],
  [
    "no node for a short time",
    {
      metadata: { creationTimestamp: "2026-01-01T00:00:50Z" },
      status: { phase: "Pending", conditions: [condition("PodScheduled", "False", "Unschedulable")] },
    },
    "InProgress",
  ],
  [
    "no node for long",
    {
      metadata: { creationTimestamp: "2026-01-01T00:00:30Z" },
      status: { phase: "Pending", conditions: [condition("PodScheduled", "False", "Unschedulable", "0/3 nodes")] },
    },
    "Failed",
    /0\/3 nodes/,
  ],
]);

rows("Service", { apiVersion: "v1", kind: "Service" }, [
  ["of the cluster", { spec: { type: "ClusterIP" } }, "Current"],
  ["a load balancer without an address", { spec: { type: "LoadBalancer" } }, "InProgress"],
  ["a load balancer", { spec: { type: "LoadBalancer", clusterIP: "10.0.0.1" } }, "Current"],
]);

rows("PersistentVolumeClaim", { apiVersion: "v1", kind: "PersistentVolumeClaim" }, [
  ["bound", { status: { phase: "Bound" } }, "Current"],
  ["pending", { status: { phase: "Pending" } }, "InProgress", /Pending/],
]);

rows("CustomResourceDefinition", { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" }, [
  ["no status", { spec: { versions: [{}] } }, "InProgress"],
  [
    "established",
    { status: { conditions: [condition("NamesAccepted", "True"), condition("Established", "True")] } },
    "Current",
  ],
  ["installing", { status: { conditions: [condition("Established", "False", "Installing")] } }, "InProgress"],
  [
    "names taken",
    { status: { conditions: [condition("NamesAccepted", "False", "", "is taken")] } },
    "Failed",
    /is taken/,
  ],
  ["rejected", { status: { conditions: [condition("Established", "False", "NotAccepted", "no")] } }, "Failed"],
]);

for (const [apiVersion, kind] of [
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "Namespace"],
  ["batch/v1", "CronJob"],
  ["policy/v1", "PodDisruptionBudget"],
] as const) {
  rows(kind, { apiVersion, kind }, [["is there", { metadata: { generation: undefined } }, "Current"]]);
}
