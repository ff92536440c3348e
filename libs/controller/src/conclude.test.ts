import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Condition } from "@leat/api";
import { announce, type Before, conclude, suspend } from "./conclude.ts";
import { failed, type Outcome, progressing, ready, stalled, waiting } from "./outcome.ts";

const now = new Date("2026-11-23T10:00:00.500Z");
const earlier = "2026-11-23T09:00:00Z";

function before(status: Before["status"] = { observedGeneration: 1 }, requestedAt?: string): Before {
  return { generation: 2, requestedAt, status };
}

function condition(type: string, status: Condition["status"], reason: string, message = "old"): Condition {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: earlier };
}

interface Concluded {
  conditions: Condition[];
  observedGeneration?: number;
  lastHandledReconcileAt?: string;
}

function short({ conditions, observedGeneration }: Concluded): unknown {
  return [conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`), observedGeneration];
}

suite("conclude", () => {
  const rows: Array<[outcome: Outcome<object>, conditions: string[], observedGeneration: number]> = [
    [ready("Succeeded", "done"), ["Ready=True/Succeeded"], 2],
    [waiting("DependencyNotReady", "waits", 1000), ["Ready=False/DependencyNotReady"], 1],
    [progressing("health", 1000), ["Reconciling=True/Progressing", "Ready=Unknown/Progressing"], 1],
    [failed("BuildFailed", "broken"), ["Reconciling=True/ProgressingWithRetry", "Ready=False/BuildFailed"], 1],
    [stalled("AccessDenied", "no"), ["Stalled=True/AccessDenied", "Ready=False/AccessDenied"], 2],
  ];
  const past = [
    condition("Stalled", "True", "Old"),
    condition("Reconciling", "True", "Progressing"),
    condition("Ready", "False", "Old"),
  ];
  for (const [outcome, conditions, observedGeneration] of rows) {
    test(`${outcome.kind} → ${conditions.join(", ")}`, () => {
      const status = conclude(before({ observedGeneration: 1, conditions: past }), outcome, now) as Concluded;
      assert.deepEqual(short(status), [conditions, observedGeneration]);
    });
  }

  test("keeps conditions of others and the time of what stays the same", () => {
    const conditions = [condition("Ready", "True", "Succeeded", "done"), condition("Promoted", "True", "Yes")];
    const status = conclude(before({ conditions }), ready("Succeeded", "done"), now) as Concluded;
    assert.deepEqual(
      status.conditions.map(({ type, lastTransitionTime, observedGeneration }) => [
        type,
        lastTransitionTime,
        observedGeneration,
      ]),
      [
        ["Ready", earlier, 2],
        ["Promoted", earlier, 1],
      ],
    );
  });

  for (const [what, message, reason] of [
    ["message", "other", "Succeeded"],
    ["reason", "done", "Other"],
  ] as const) {
    test(`gives a new time where the ${what} changes`, () => {
      const conditions = [condition("Ready", "True", "Succeeded", "done")];
      const status = conclude(before({ conditions }), ready(reason, message), now) as Concluded;
      assert.equal(status.conditions[0]?.lastTransitionTime, "2026-11-23T10:00:00Z");
    });
  }

  test("a failure tells how far the run came", () => {
    const status = conclude(
      before(),
      failed("BuildFailed", "broken", { progress: "Building manifests" }),
      now,
    ) as Concluded;
    assert.equal(status.conditions[0]?.message, "Building manifests");
  });

  test("the request is handled, whatever the end", () => {
    const status = conclude(before({}, "token"), failed("BuildFailed", "broken"), now) as Concluded;
    assert.equal(status.lastHandledReconcileAt, "token");
  });

  test("takes away a status field and a condition that are no longer so", () => {
    const past_ = { conditions: [condition("Healthy", "True", "Succeeded")], artifact: { path: "x" } };
    const outcome = ready("Succeeded", "done", { status: { artifact: undefined }, conditions: { Healthy: undefined } });
    const status = conclude(before(past_), outcome, now) as Concluded & { artifact?: unknown };
    assert.deepEqual([status.artifact, status.conditions.map(({ type }) => type)], [undefined, ["Ready"]]);
  });

  test("cuts a message that the API server would reject", () => {
    const status = conclude(before(), failed("BuildFailed", "ä".repeat(40_000)), now) as Concluded;
    const message = status.conditions.find(({ type }) => type === "Ready")?.message ?? "";
    assert.ok(Buffer.byteLength(message) <= 32_768 && message.endsWith("..."));
  });
});

suite("announce", () => {
  test("an object that is ready for this generation stays so while it is looked at again", () => {
    const settled = { ...condition("Ready", "True", "Succeeded"), observedGeneration: 2 };
    const status = announce(before({ conditions: [settled] }), "Building", now) as Concluded;
    assert.deepEqual(short(status), [["Reconciling=True/Progressing", "Ready=True/Succeeded"], undefined]);
  });

  test("a new generation is not ready until it is", () => {
    const status = announce(
      before({ conditions: [condition("Ready", "True", "Succeeded")] }),
      "Building",
      now,
    ) as Concluded;
    assert.deepEqual(short(status), [["Reconciling=True/Progressing", "Ready=Unknown/Progressing"], undefined]);
  });
});

suite("suspend", () => {
  const inProgress = condition("Reconciling", "True", "Progressing");
  const retried = condition("Reconciling", "True", "ProgressingWithRetry");
  const rows: Array<[what: string, status: Before["status"], conditions: string[], observedGeneration?: number]> = [
    [
      "of a run that was cut short",
      { conditions: [inProgress, condition("Ready", "Unknown", "Progressing")] },
      ["Ready=Unknown/Suspended"],
    ],
    [
      "of one over what was ready",
      { conditions: [inProgress, condition("Ready", "True", "Succeeded")] },
      ["Ready=True/Succeeded"],
      2,
    ],
    [
      "of one that would be retried",
      { conditions: [retried, condition("Ready", "False", "BuildFailed")] },
      ["Ready=False/BuildFailed"],
    ],
    [
      "of one without Reconciling",
      { conditions: [condition("Ready", "Unknown", "Progressing")] },
      ["Ready=Unknown/Suspended"],
    ],
  ];
  for (const [what, status, conditions, observedGeneration] of rows)
    test(`the status ${what} is no longer in progress`, () => {
      assert.deepEqual(short(suspend(before(status), now) as Concluded), [conditions, observedGeneration]);
    });

  test("leaves what is not in progress as it is", () => {
    const conditions = [condition("Stalled", "True", "AccessDenied"), condition("Ready", "False", "AccessDenied")];
    for (const status of [{ observedGeneration: -1 }, { observedGeneration: 1, conditions }])
      assert.deepEqual(suspend(before(status), now), status);
  });
});
