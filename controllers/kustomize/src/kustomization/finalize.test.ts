/** What becomes of a deleted Kustomization's objects, in a world that the test makes. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { PruneRequest } from "@leat/apply";
import { createWorld, entryOfConfigMap, revision, type TestWorld } from "./fixtures/world.ts";

const applied = { lastAppliedRevision: revision, inventory: { entries: [entryOfConfigMap("one")] } };

/** A world whose applier deletes all that it is asked to, and notes it. */
function prunable(): { world: TestWorld; pruned: PruneRequest[] } {
  const world = createWorld();
  const pruned: PruneRequest[] = [];
  world.applier.prune = async (request) => {
    pruned.push(request);
    return { deleted: [{ subject: "ConfigMap/team/one", action: "deleted" }], kept: [], handedOver: [], failed: [] };
  };
  return { world, pruned };
}

suite("a deleted Kustomization", () => {
  const rows: Array<[what: string, spec: object, isPruned: boolean]> = [
    ["with prune", {}, true],
    ["without prune", { prune: false }, false],
    ["without prune whose policy is Delete", { prune: false, deletionPolicy: "Delete" }, true],
    ["with prune whose policy is Orphan", { deletionPolicy: "Orphan" }, false],
    ["that is suspended", { suspend: true }, false],
  ];
  for (const [what, spec, isPruned] of rows) {
    test(`${what} ${isPruned ? "takes its objects with it" : "leaves its objects"}`, async () => {
      const { world, pruned } = prunable();
      const { object, events } = await world.delete(spec, applied);
      assert.deepEqual(object.metadata.finalizers, []);
      assert.deepEqual(
        pruned.map(({ owner, entries }) => [owner, entries]),
        isPruned ? [[{ namespace: "team", name: "app" }, [entryOfConfigMap("one")]]] : [],
      );
      const message = "ConfigMap/team/one deleted";
      assert.partialDeepStrictEqual(events, isPruned ? [{ type: "Normal", message, metadata: { revision } }] : []);
    });
  }

  test("stays until its objects are deleted, and says why", async () => {
    const world = createWorld();
    world.applier.prune = async () => ({
      deleted: [],
      kept: [],
      handedOver: [],
      failed: [{ entry: entryOfConfigMap("one"), message: "one is held" }],
    });
    const { object, events, patches, next } = await world.delete({}, applied);
    assert.equal(object.metadata.finalizers?.length, 1);
    assert.partialDeepStrictEqual(events, [{ type: "Warning", reason: "PruneFailed", metadata: { revision } }]);
    assert.match(events[0]?.message ?? "", /one is held/);
    assert.deepEqual([patches.length, next], [1, { kind: "after", afterMs: 5_000 }]);
  });

  test("stays until its objects are gone where its policy is WaitForTermination", async () => {
    const { world } = prunable();
    world.applier.remaining = async (entries) => [...entries];
    const { object, next } = await world.delete({ deletionPolicy: "WaitForTermination" }, applied);
    assert.deepEqual([object.metadata.finalizers?.length, next], [1, { kind: "after", afterMs: 2_000 }]);
  });

  test("whose cluster is not described any more goes, and names what is left", async () => {
    const { world, pruned } = prunable();
    world.clusters.open = async () => ({ kind: "missing", message: "Secret remote does not exist" });
    const { object, events } = await world.delete({}, applied);
    assert.deepEqual([object.metadata.finalizers, pruned], [[], []]);
    assert.match(events[0]?.message ?? "", /Secret remote does not exist\nConfigMap\/team\/one$/);
  });

  test("whose cluster cannot be reached stays", async () => {
    const { world } = prunable();
    world.clusters.open = async () => ({ kind: "unusable", message: "unreachable" });
    const { object, events } = await world.delete({}, applied);
    assert.equal(object.metadata.finalizers?.length, 1);
    assert.partialDeepStrictEqual(events, [{ type: "Warning", reason: "PruneFailed", metadata: { revision } }]);
  });
});
