import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isNewer, type LastApplied, type LiveObject, liveOf, type SyncState, syncStateOf } from "./sync-state.ts";

const known: LastApplied = {
  owner: "n/app",
  digest: "d",
  left: [],
  uid: "u",
  resourceVersion: "100",
  generation: 1,
  ours: "fields",
  isLeftByPolicy: false,
  merged: false,
  selfDeleting: false,
  at: 0,
  ambiguous: false,
  reported: false,
  takenBy: undefined,
  reviewed: undefined,
};

const rules = { fieldManager: "us", overrideManagers: [], ownerGroup: "example.org" };
const live: LiveObject = {
  ...liveOf(rules, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x", uid: "u", resourceVersion: "100", generation: 1 },
  }),
  ours: "fields",
  owner: "n/app",
};
const left = { digest: undefined };
const off = { ...live.policies, ignored: true };

suite("how an object stands to what we did", () => {
  const later = { resourceVersion: "101" };
  const rows: Array<
    [given: string, live: Partial<LiveObject>, known: Partial<LastApplied>, at: number, expected: SyncState]
  > = [
    ["nobody has written", {}, {}, 0, "same"],
    ["the watch is late", { resourceVersion: "99" }, {}, 0, "behind"],
    ["the watch still shows the former object", { resourceVersion: "99", uid: "old" }, {}, 0, "behind"],
    ["another object of the name", { ...later, uid: "new" }, {}, 0, "drift"],
    ["a field is no longer ours", { ...later, ours: "others" }, {}, 9_000, "drift"],
    ["all our fields were taken", { ...later, ours: undefined }, {}, 9_000, "drift"],
    ["the labels name somebody else", { ...later, owner: "n/other" }, {}, 9_000, "drift"],
    ["somebody set fields by hand", { ...later, needsTakeover: true }, {}, 9_000, "drift"],
    [
      "somebody set fields by hand, which stay",
      { ...later, needsTakeover: true },
      { merged: true },
      9_000,
      "bookkeeping",
    ],
    [
      "somebody set fields by hand, which stay while it says so",
      { ...later, needsTakeover: true, policies: { ...live.policies, merged: true } },
      {},
      9_000,
      "bookkeeping",
    ],
    [
      "what is disabled in the cluster",
      { ...later, policies: off },
      { ...left, isLeftByPolicy: true },
      9_000,
      "bookkeeping",
    ],
    ["what was disabled in the cluster", later, { ...left, isLeftByPolicy: true }, 9_000, "drift"],
    ["status, at once", later, {}, 10, "bookkeeping"],
    ["a field of others, later", { ...later, generation: 2 }, {}, 9_000, "bookkeeping"],
    ["a field of others, at once", { ...later, generation: 2 }, {}, 10, "ambiguous"],
    [
      "at once, a kind without generation",
      { ...later, generation: undefined },
      { generation: undefined },
      10,
      "ambiguous",
    ],
    [
      "later, a kind without generation",
      { ...later, generation: undefined },
      { generation: undefined },
      9_000,
      "bookkeeping",
    ],
    [
      "anything, in what is only created",
      { ...later, ours: "others", needsTakeover: true },
      left,
      9_000,
      "bookkeeping",
    ],
  ];
  for (const [given, liveChange, knownChange, at, expected] of rows) {
    test(`${given} → ${expected}`, () => {
      assert.equal(syncStateOf({ ...known, ...knownChange }, { ...live, ...liveChange }, at), expected);
    });
  }
});

suite("resourceVersions", () => {
  const rows: Array<[string, string, boolean]> = [
    ["10", "9", true],
    ["9", "10", false],
    ["11", "10", true],
    ["10", "10", false],
    ["1", "", true],
  ];
  for (const [a, b, expected] of rows)
    test(`${a} > ${b || "none"}: ${expected}`, () => assert.equal(isNewer(a, b), expected));
});
