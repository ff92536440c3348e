import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "@leat/api";
import { asCommitted } from "./as-committed.ts";

const stored: KubeObject = {
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: {
    name: "apps",
    namespace: "flux-system",
    uid: "u",
    resourceVersion: "1",
    generation: 2,
    creationTimestamp: "2026-01-01T00:00:00Z",
    finalizers: ["finalizers.fluxcd.io"],
    managedFields: [{ manager: "kubectl" }],
    labels: { team: "shop", "kustomize.toolkit.fluxcd.io/name": "all", "kustomize.toolkit.fluxcd.io/namespace": "x" },
    annotations: { "reconcile.fluxcd.io/requestedAt": "now", note: "kept" },
  },
  spec: { interval: "10m", prune: true },
  status: { observedGeneration: 2 },
};

test("what is exported is what was declared", () => {
  assert.deepEqual(asCommitted(stored), {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "apps", namespace: "flux-system", labels: { team: "shop" }, annotations: { note: "kept" } },
    spec: { interval: "10m", prune: true },
  });
});

test("empty labels and annotations are left out", () => {
  const { metadata } = asCommitted({
    ...stored,
    metadata: { name: "apps", annotations: { "reconcile.fluxcd.io/requestedAt": "now" } },
  });
  assert.deepEqual(metadata, { name: "apps" });
});
