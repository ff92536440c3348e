import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ObjectChange } from "../run/apply-all.ts";
import { type DriftReport, reportDrift } from "./drift-report.ts";
import type { ObjectDrift } from "./format-drift.ts";

type Mode = "enabled" | "warn" | "disabled";

const changed = { kind: "changed" as const, paths: ["/data/a"], more: 0 };
const rival = [{ manager: "rival", time: "2026-01-01T00:00:00Z", isGuess: false }];
const line = "ConfigMap/n/a: /data/a, changed by rival at 2026-01-01T00:00:00Z";

function change(name: string, action: ObjectChange["action"], drift?: ObjectChange["drift"]): ObjectChange {
  return { subject: `ConfigMap/n/${name}`, action, ...(drift && { drift }) };
}

function contention(name: string): ObjectDrift {
  return { subject: `ConfigMap/n/${name}`, drift: { ...changed, authors: rival } };
}

function report(mode: Mode, changes: ObjectChange[], contended: ObjectDrift[] = [], before?: DriftReport): DriftReport {
  return reportDrift({ mode, before: before?.condition, changes, contended });
}

function messages({ events }: DriftReport): string[] {
  return events.map(({ type, reason, message }) =>
    [type, reason, ...message.replace(/^.*?: /, "").split("\n")].join(" | "),
  );
}

suite("what is told where drift is left", () => {
  const drifted = [change("a", "unchanged", { ...changed, authors: rival }), change("b", "unchanged")];

  test("is each object with drift, in a condition and an event", () => {
    const { condition, events } = report("warn", drifted);
    assert.equal(condition?.status, "True");
    assert.equal(condition.message, `Drift detected (not corrected): ${line}`);
    assert.deepEqual(messages({ condition, events }), [`Warning | DriftDetected | ${line}`]);
  });

  test("is told by an event only once, and what comes later by itself", () => {
    const first = report("warn", drifted);
    const second = report("warn", drifted, [], first);
    assert.deepEqual([second.condition, second.events], [first.condition, []]);
    const third = report("warn", [...drifted, change("c", "unchanged", { kind: "deleted" })], [], second);
    assert.deepEqual(messages(third), ["Warning | DriftDetected | ConfigMap/n/c: deleted"]);
    const fourth = report("warn", drifted, [], third);
    assert.deepEqual([fourth.condition, fourth.events], [first.condition, []]);
  });

  test("is that there is none", () => {
    const { condition, events } = report("warn", [change("a", "configured"), change("b", "unchanged")]);
    assert.deepEqual([condition?.status, condition?.reason, events], ["False", "NoDriftDetected", []]);
  });

  test("is at most so many objects, and news among the others too", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => change(`c${index}`, "unchanged", { kind: "deleted" }));
    const first = report("warn", many(25));
    assert.match(first.condition?.message ?? "", /\nConfigMap\/n\/c19: deleted\nand 5 more$/);
    assert.equal(first.events[0]?.message, first.condition?.message);
    assert.deepEqual(report("warn", many(25), [], first).events, []);
    assert.deepEqual(messages(report("warn", many(26), [], first)), ["Warning | DriftDetected | and 6 more"]);
  });

  test("never exceeds what a condition holds", () => {
    const drift = { kind: "rejected" as const, reason: "ß".repeat(1_000), fields: [] };
    const { condition } = report(
      "warn",
      Array.from({ length: 20 }, (_, index) => change(`c${index}`, "unchanged", drift)),
    );
    assert.ok(Buffer.byteLength(condition?.message ?? "") < 10_000);
    assert.match(condition?.message ?? "", /and \d+ more$/);
  });

  test("is one line for each object, whatever is said of it", () => {
    const drift = { kind: "rejected" as const, reason: "no:\n  because\n\tof this", fields: [] };
    const { condition } = report("warn", [change("a", "unchanged", drift)]);
    assert.match(condition?.message ?? "", /^.*\(no: because of this\)$/);
  });
});

suite("reports if drift is corrected", () => {
  test("is an event and no condition", () => {
    const told = report("enabled", [
      change("a", "configured", { ...changed, authors: rival }),
      change("b", "created", { kind: "deleted" }),
      change("c", "configured"),
    ]);
    assert.equal(told.condition, undefined);
    assert.deepEqual(messages(told), [`Normal | DriftCorrected | ${line} | ConfigMap/n/b: deleted`]);
  });

  test("is nothing where nothing was", () => {
    assert.deepEqual(report("enabled", [change("a", "created"), change("b", "unchanged")]), {
      condition: undefined,
      events: [],
    });
  });

  test("is contention, reported once for as long as it lasts", () => {
    const corrected = [change("a", "configured", { ...changed, authors: rival })];
    const first = report("enabled", corrected, [contention("a")]);
    assert.equal(first.condition?.status, "True");
    assert.deepEqual(messages(first), ["Warning | DriftDetected | ConfigMap/n/a: /data/a, changed by rival"]);
    assert.deepEqual(report("enabled", corrected, [contention("a")], first).events, []);
    const two = report("enabled", [], [contention("a"), contention("b")], first);
    assert.deepEqual(messages(two), ["Warning | DriftDetected | ConfigMap/n/b: /data/a, changed by rival"]);
    assert.deepEqual(report("enabled", [], [], two), { condition: undefined, events: [] });
  });
});

test("nothing is told where nobody looks for drift", () => {
  const changes = [change("a", "unchanged", { kind: "deleted" }), change("b", "created", { kind: "deleted" })];
  assert.deepEqual(report("disabled", changes, [contention("c")]), { condition: undefined, events: [] });
});

test("objects of several owners are reported once in each mode, and are not corrected", () => {
  const shared = change("a", "configured", { kind: "shared", owners: ["n/other"], isKept: false });
  for (const mode of ["enabled", "warn"] as const) {
    const first = report(mode, [shared]);
    assert.match(first.condition?.message ?? "", /ConfigMap\/n\/a: also applied by n\/other, which keeps it$/);
    assert.partialDeepStrictEqual(first.events, [{ type: "Warning", reason: "DriftDetected" }]);
    assert.deepEqual([first.events.length, report(mode, [shared], [], first).events], [1, []]);
  }
});

test("an object of several owners is reported once beside one that others keep reverting", () => {
  const shared = change("a", "configured", { kind: "shared", owners: ["n/other"], isKept: false });
  const contended = [contention("b")];
  const first = report("enabled", [shared], contended);
  assert.match(first.condition?.message ?? "", /all but one of them: ConfigMap\/n\/a: also applied by n\/other/);
  assert.deepEqual([first.events.length, report("enabled", [shared], contended, first).events], [2, []]);
});
