import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ConditionUpdates } from "@leat/controller";
import { conditionsOf, type Findings } from "./conditions.ts";
import { kustomization } from "./fixtures/kustomization.ts";

const waits = { wait: true };
const drifted = { status: "True", reason: "DriftDetected", message: "one" } as const;

suite("the conditions of a Kustomization", () => {
  const rows: Array<[given: string, spec: object, findings: Findings, expected: ConditionUpdates]> = [
    ["nothing to check, nothing found out yet", {}, {}, { Healthy: undefined }],
    ["health to check, nothing found out yet", waits, {}, {}],
    ["named objects to check", { healthChecks: [{ kind: "Deployment", name: "web" }] }, {}, {}],
    [
      "healthy",
      waits,
      { health: { kind: "healthy", message: "passed" } },
      { Healthy: { status: "True", reason: "Succeeded", message: "passed" } },
    ],
    [
      "not healthy yet",
      waits,
      { health: { kind: "waiting", retryAfterMs: 1 } },
      { Healthy: { status: "Unknown", reason: "Progressing", message: "Running health checks" } },
    ],
    [
      "not healthy",
      waits,
      { health: { kind: "failed", message: "crashed" } },
      { Healthy: { status: "False", reason: "HealthCheckFailed", message: "crashed" } },
    ],
    ["drifted", waits, { drift: { condition: drifted } }, { Drifted: drifted }],
    ["no drift to tell of", waits, { drift: { condition: undefined } }, { Drifted: undefined }],
  ];
  for (const [given, spec, findings, expected] of rows) {
    test(given, () => assert.deepEqual(conditionsOf(kustomization(spec), findings), expected));
  }
});
