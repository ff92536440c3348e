/** A commit may move an object between Kustomizations: the one that loses it deletes it only after the others had a chance. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Kustomization } from "@leat/api";
import { eventually } from "@leat/testing";
import { kustomization } from "./fixtures/kustomization.ts";
import { artifact } from "./fixtures/world.ts";
import { createSiblings } from "./siblings.ts";

const app = kustomization({}, {}, "app");
const other = kustomization({}, {}, "other");
const newer = { ...artifact, revision: "main@sha1:2" };

suite("a Kustomization that prunes waits for one of the same source", () => {
  const change = (metadata: object, spec: object = {}, status: object = {}): Kustomization => ({
    ...other,
    metadata: { ...other.metadata, ...metadata },
    spec: { ...other.spec, ...spec },
    status: { ...other.status, ...status },
  });
  const stalled = [{ type: "Stalled", status: "True", reason: "", message: "", lastTransitionTime: "" }];
  const rows: Array<[what: string, sibling: Kustomization, waits: boolean]> = [
    ["that has not reconciled the revision", other, true],
    ["that is suspended", change({}, { suspend: true }), false],
    ["that is deleted", change({ deletionTimestamp: "2026-01-01T00:00:00Z" }), false],
    ["that is stalled", change({}, {}, { conditions: stalled }), false],
    ["of another namespace", change({ namespace: "elsewhere" }), false],
    ["but of another source", change({}, { sourceRef: { kind: "GitRepository", name: "more" } }), false],
    ["but of another cluster", change({}, { kubeConfig: { secretRef: { name: "remote" } } }), false],
  ];
  for (const [what, sibling, waits] of rows) {
    test(`${what}: ${waits}`, () => {
      using siblings = createSiblings({ list: () => [app, sibling], trigger: () => {} });
      assert.equal(siblings.isAwaiting(app, artifact, false), waits);
    });
  }
});

suite("the wait", () => {
  function open(list: () => Kustomization[] = () => [app, other], longestMs?: number) {
    const triggered: string[] = [];
    const trigger = ({ name }: { name: string }) => void triggered.push(name);
    return { triggered, siblings: createSiblings({ list, trigger, ...(longestMs !== undefined && { longestMs }) }) };
  }

  test("ends when all have reconciled the revision, in their present generation", () => {
    const changed = { ...other, metadata: { ...other.metadata, generation: 7 } };
    const { triggered, siblings } = open(() => [app, changed]);
    using _ = siblings;
    assert.equal(siblings.isAwaiting(app, newer, false), true);
    siblings.reconciled(changed, artifact);
    siblings.reconciled(other, newer);
    assert.deepEqual(triggered, []);
    siblings.reconciled(changed, newer);
    assert.deepEqual(triggered, ["app"]);
    assert.equal(siblings.isAwaiting(app, newer, false), false);
  });

  test("ends when the other one is gone", () => {
    const list = [app, other];
    const { triggered, siblings } = open(() => list);
    using _ = siblings;
    siblings.isAwaiting(app, artifact, false);
    list.pop();
    siblings.forget(other.metadata);
    assert.deepEqual(triggered, ["app"]);
  });

  test("is bounded", async () => {
    const { triggered, siblings } = open(undefined, 20);
    using _ = siblings;
    assert.equal(siblings.isAwaiting(app, artifact, false), true);
    await eventually(() => triggered.length > 0, { what: "the end of the wait" });
    assert.equal(siblings.isAwaiting(app, artifact, false), false);
    assert.equal(siblings.isAwaiting(app, newer, false), true, "each revision has a wait of its own");
  });

  test("looks again if the Kustomization has just applied others", async () => {
    const { triggered, siblings } = open(() => [app]);
    using _ = siblings;
    assert.equal(siblings.isAwaiting(app, artifact, true), true);
    siblings.reconciled(other, artifact);
    assert.deepEqual(triggered, [], "the watch may be late");
    await eventually(() => triggered.length > 0, { what: "the second look" });
    assert.equal(siblings.isAwaiting(app, artifact, false), false);
  });
});
