import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { buildOf, configMap } from "./fixtures/build.ts";
import { createWorld } from "./fixtures/world.ts";

function manyObjects(count: number) {
  return buildOf(...Array.from({ length: count }, (_, n) => configMap(`${"x".repeat(240)}-${n}`, {})));
}

suite("an inventory", () => {
  test("that etcd would not store is rejected before anything is sent to the API server", async () => {
    const world = createWorld();
    world.builder.build = async () => manyObjects(5600);
    const { status } = await world.run();
    assert.equal(world.applied.length, 0);
    const stalled = status.conditions?.find(({ type }) => type === "Stalled");
    assert.equal(stalled?.reason, "LimitExceeded");
    assert.match(
      stalled?.message ?? "",
      /^with an inventory of 5600 objects, this Kustomization takes 1\.\d\d MiB: the limit is 1\.375 MiB; split it/,
    );
  });

  test("of a size that etcd stores is applied", async () => {
    const world = createWorld();
    world.builder.build = async () => manyObjects(4500);
    await world.run();
    assert.equal(world.applied.length, 1);
  });

  test("counts what it lists already, which stays until it is pruned", async () => {
    const world = createWorld();
    world.builder.build = async () => manyObjects(4500);
    const entries = Array.from({ length: 1000 }, (_, n) => ({
      id: `team_${"y".repeat(240)}-${n}__ConfigMap`,
      v: "v1",
    }));
    await world.run({}, { inventory: { entries } });
    assert.equal(world.applied.length, 0);
  });
});
