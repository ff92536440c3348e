import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CustomHealthCheck, KubeObject } from "@leat/api";
import { customReadings } from "./custom-readings.ts";
import type { Reading } from "./reading.ts";

const check: CustomHealthCheck = {
  apiVersion: "example.org/v1",
  kind: "Widget",
  inProgress: "has(status.phase) && status.phase == 'Working'",
  failed: "has(status.phase) && (status.phase == 'Broken' || status.phase == 'Working')",
  current: "status.ready",
};

async function read(checks: CustomHealthCheck[], object: Partial<KubeObject>): Promise<Reading | undefined> {
  const custom = await customReadings(checks);
  assert.equal(custom.kind, "readings", custom.kind === "invalid" ? custom.message : "");
  const { metadata, ...rest } = object;
  const whole = { name: "x", generation: 2, ...metadata };
  return custom.readings.read({ apiVersion: "example.org/v1", kind: "Widget", metadata: whole, ...rest });
}

suite("readings by expressions", () => {
  const rows: Array<[given: string, object: object, status: Reading["status"], message: RegExp]> = [
    ["ready", { status: { ready: true } }, "Current", /healthCheckExprs\.current evaluated to true/],
    ["broken", { status: { phase: "Broken", ready: true } }, "Failed", /healthCheckExprs\.failed evaluated to true/],
    [
      "working and broken",
      { status: { phase: "Working", ready: true } },
      "InProgress",
      /healthCheckExprs\.inProgress evaluated to true/,
    ],
    ["neither", { status: { ready: false } }, "InProgress", /healthCheckExprs\.current evaluated to false/],
    ["an older generation observed", { status: { ready: true, observedGeneration: 1 } }, "InProgress", /generation 2/],
    ["this generation observed", { status: { ready: true, observedGeneration: 2 } }, "Current", /./],
    ["a generation that is not a number", { status: { ready: true, observedGeneration: "1" } }, "Current", /./],
    [
      "observed, without a generation",
      { metadata: { name: "x", generation: undefined }, status: { ready: true, observedGeneration: 1 } },
      "Current",
      /./,
    ],
    ["no status", {}, "InProgress", /healthCheckExprs\.inProgress could not be evaluated: .*unknown variable: status/],
    [
      "a field missing",
      { status: {} },
      "InProgress",
      /healthCheckExprs\.current could not be evaluated: .*no such key: status.ready/,
    ],
    ["no boolean", { status: { ready: "yes" } }, "InProgress", /does not return a boolean/],
    [
      "being deleted",
      { metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z" }, status: { ready: true } },
      "Current",
      /./,
    ],
  ];
  for (const [given, object, status, message] of rows) {
    test(`${given} → ${status}`, async () => {
      const reading = await read([check], object);
      assert.ok(reading);
      assert.equal(reading.status, status, reading.message);
      assert.match(reading.message, message);
    });
  }

  const always = { kind: undefined, inProgress: undefined, failed: undefined, current: "true" };
  const never = { ...always, kind: "Widget", current: "false" };
  const chosen: Array<[given: string, checks: object[], object: object, status: Reading["status"] | undefined]> = [
    ["another kind", [check], { kind: "Gadget" }, undefined],
    ["another group", [check], { apiVersion: "example.com/v1" }, undefined],
    ["another version", [check], { apiVersion: "example.org/v2", status: { ready: true } }, "Current"],
    ["all of the group", [{ ...check, ...always }], { kind: "Gadget" }, "Current"],
    [
      "the group and the kind",
      [
        { ...check, ...always },
        { ...check, ...never },
      ],
      {},
      "InProgress",
    ],
    [
      "the core group",
      [{ ...check, ...always, apiVersion: "v1", kind: "ConfigMap" }],
      { apiVersion: "v1", kind: "ConfigMap" },
      "Current",
    ],
    [
      "a kind that is built in",
      [{ ...check, ...never, apiVersion: "batch/v1", kind: "CronJob" }],
      { apiVersion: "batch/v1", kind: "CronJob" },
      "InProgress",
    ],
  ];
  for (const [given, checks, object, status] of chosen) {
    test(`${given} → ${status ?? "not read"}`, async () =>
      assert.equal((await read(checks as CustomHealthCheck[], object))?.status, status));
  }

  const wrong: Array<[given: string, checks: CustomHealthCheck[], message: string]> = [
    [
      "two for a kind",
      [check, { ...check, apiVersion: "example.org/v2" }],
      "[1]: duplicate of an earlier entry for Widget of example.org",
    ],
    [
      "two for a group",
      [
        { apiVersion: "v1", current: "true" },
        { apiVersion: "v1", current: "true" },
      ],
      "[1]: duplicate of an earlier entry for all kinds of the core group",
    ],
    [
      "an expression that does not compile",
      [{ ...check, failed: "status." }],
      "[0].failed: 1:8: Expected IDENTIFIER, got EOF",
    ],
    ["no expression", [{ ...check, current: "" }], "[0].current: it is empty"],
  ];
  for (const [given, checks, message] of wrong) {
    test(`${given} are rejected`, async () =>
      assert.deepEqual(await customReadings(checks), { kind: "invalid", message }));
  }

  test("differ in their id where an expression does", async () => {
    const ids = await Promise.all(
      ["status.ready", "true", "status.ready"].map(async (current) => {
        const custom = await customReadings([{ ...check, current }]);
        return custom.kind === "readings" && custom.readings.id;
      }),
    );
    assert.equal(ids[0], ids[2]);
    assert.notEqual(ids[0], ids[1]);
  });
});
