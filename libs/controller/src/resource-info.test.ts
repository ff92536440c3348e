import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Condition, type KubeObject, Kustomization } from "@leat/api";
import { type Outcome, failed, progressing, ready, waiting } from "./outcome.ts";
import { resourceInfoOf, shortfallOf } from "./resource-info.ts";

suite("the labels of an object in gotk_resource_info", () => {
  const rejected = failed("ReconciliationFailed", "quota", { rejection: "QuotaExceeded" });
  const retrying = condition("Unknown", "Progressing");
  const rows: Array<[given: string, conditions: Condition[], last: Outcome<object> | undefined, labels: object]> = [
    ["nothing known yet", [], undefined, { ready: "Unknown" }],
    ["ready", [condition("True", "Succeeded")], ready("Succeeded", ""), { ready: "True" }],
    [
      "rejected",
      [condition("False", "ReconciliationFailed")],
      rejected,
      { ready: "False", reason: "ReconciliationFailed", rejection: "QuotaExceeded" },
    ],
    [
      "rejected, and tried again just now",
      [retrying],
      rejected,
      { ready: "Unknown", reason: "ReconciliationFailed", rejection: "QuotaExceeded" },
    ],
    ["applied, and not yet healthy", [retrying], progressing("", 1), { ready: "Unknown", reason: "Progressing" }],
    [
      "waiting",
      [condition("False", "DependencyNotReady")],
      waiting("DependencyNotReady", "", 1),
      { ready: "False", reason: "DependencyNotReady" },
    ],
    [
      "failed before the controller was restarted",
      [condition("False", "BuildFailed")],
      undefined,
      { ready: "False", reason: "BuildFailed" },
    ],
    [
      "ready and drifted",
      [condition("True", "Succeeded"), { ...condition("True", "DriftDetected"), type: "Drifted" }],
      undefined,
      { ready: "True", drifted: "True" },
    ],
  ];
  for (const [given, conditions, last, labels] of rows) {
    test(given, () => {
      const { name, suspended, ...rest } = infoOf({ status: { conditions } }, last);
      assert.deepEqual({ name, suspended }, { name: "app", suspended: "false" });
      assert.deepEqual(rest, { ...identity, ...labels });
    });
  }

  test("tell that it is suspended", () => {
    assert.equal(infoOf({ spec: { suspend: true } }, undefined)["suspended"], "true");
  });
});

const identity = {
  customresource_group: "kustomize.toolkit.fluxcd.io",
  customresource_version: "v1",
  customresource_kind: "Kustomization",
  exported_namespace: "apps",
};

function infoOf(parts: object, last: Outcome<object> | undefined): Record<string, string> {
  const object: KubeObject = {
    apiVersion: Kustomization.apiVersion,
    kind: Kustomization.kind,
    metadata: { name: "app", namespace: "apps" },
    ...parts,
  };
  return resourceInfoOf(Kustomization, object, last && shortfallOf(last));
}

function condition(status: Condition["status"], reason: string): Condition {
  return { type: "Ready", status, reason, message: "a long text", lastTransitionTime: "2026-11-01T00:00:00Z" };
}
