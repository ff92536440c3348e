import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type Verdict, verdictOn } from "./verdict.ts";

const ready = { type: "Ready", status: "True", reason: "Succeeded", message: "done", observedGeneration: 2 };
const notReady = { ...ready, status: "False", reason: "BuildFailed", message: "no such file" };
const waiting = { ...notReady, reason: "DependencyNotReady", message: "dependency 'apps/db' is not ready" };
const retried = { type: "Reconciling", status: "True", reason: "ProgressingWithRetry", message: "building" };
const working = { ...retried, reason: "Progressing" };
const stalled = { ...notReady, type: "Stalled", status: "True" };

suite("the verdict on an object", () => {
  const rows: Array<[given: string, status: object, verdict: Verdict]> = [
    [
      "that was not taken up",
      { lastHandledReconcileAt: "before", conditions: [ready] },
      { kind: "open", message: "no controller has started to reconcile it" },
    ],
    [
      "on which another run goes on",
      { lastHandledReconcileAt: "before", conditions: [working] },
      { kind: "open", message: "building" },
    ],
    [
      "on which this run goes on",
      { lastHandledReconcileAt: "now", conditions: [ready, working] },
      { kind: "open", message: "building" },
    ],
    ["that is ready", { lastHandledReconcileAt: "now", conditions: [ready] }, { kind: "ready" }],
    [
      "that was ready before its spec changed",
      { lastHandledReconcileAt: "now", conditions: [{ ...ready, observedGeneration: 1 }] },
      { kind: "open", message: "its controller has not observed the change yet" },
    ],
    [
      "whose conditions name no generation",
      {
        lastHandledReconcileAt: "now",
        observedGeneration: 2,
        conditions: [{ ...ready, observedGeneration: undefined }],
      },
      { kind: "ready" },
    ],
    [
      "that failed and is tried again",
      { lastHandledReconcileAt: "now", conditions: [retried, notReady] },
      { kind: "failed", reason: "BuildFailed", message: "no such file" },
    ],
    [
      "that is stalled",
      { lastHandledReconcileAt: "now", conditions: [stalled, notReady] },
      { kind: "failed", reason: "BuildFailed", message: "no such file" },
    ],
    [
      "that waits",
      { lastHandledReconcileAt: "now", conditions: [waiting] },
      { kind: "open", message: "DependencyNotReady: dependency 'apps/db' is not ready" },
    ],
    [
      "that waits and is tried again",
      { lastHandledReconcileAt: "now", conditions: [retried, waiting] },
      { kind: "open", message: "DependencyNotReady: dependency 'apps/db' is not ready" },
    ],
  ];
  for (const [given, status, verdict] of rows) {
    test(`${given} → ${verdict.kind}`, () => assert.deepEqual(verdictOn(object(status), "now"), verdict));
  }

  test("needs no token where the generation tells", () => {
    assert.deepEqual(verdictOn(object({ conditions: [ready] })), { kind: "ready" });
  });
});

function object(status: object): KubeObject {
  return { apiVersion: "v1", kind: "Kustomization", metadata: { name: "app", generation: 2 }, status };
}
