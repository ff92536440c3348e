import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { eventually, type FlakyNetwork, sharedControlPlane, startFlakyNetwork } from "@leat/testing";
import { actions, configMap, group, openSetting, type Setting } from "../test/fixture.ts";

suite("while the watch is behind", { concurrency: true }, () => {
  test("what was set by kubectl goes with the next apply", async () => {
    await using late = await openLateSetting();
    const { namespace, settle, apply, edit, read, network } = late;
    await settle([configMap(namespace, "one", { a: "1" })]);
    network.stall();
    await edit(configMap(namespace, "one", {}), { data: { more: "x" } }, "kubectl-edit");
    assert.deepEqual(actions(await apply([configMap(namespace, "one", { a: "2" })])), ["ConfigMap/one configured"]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "2" });
  });

  test("an object that has its labels again is pruned", async () => {
    await using late = await openLateSetting();
    const { namespace, owner, settle, apply, applier, edit, read, drifts, network } = late;
    const one = configMap(namespace, "one", { a: "1" });
    const { inventory } = await settle([one]);
    await edit(one, { metadata: { labels: { [`${group}/name`]: "other" } } });
    await eventually(() => drifts.length > 0, { what: "the change of the label to be seen" });
    network.stall();
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one configured"]);
    const { deleted } = await applier.prune({ owner, entries: inventory }, AbortSignal.timeout(20_000));
    assert.deepEqual(deleted, [{ subject: `ConfigMap/${namespace}/one`, action: "deleted" }]);
    assert.equal(await read("ConfigMap", "one"), undefined);
  });

  test("the news of a label that has been put back meanwhile is no drift", async () => {
    await using late = await openLateSetting();
    const { namespace, settle, apply, edit, drifts, network } = late;
    const [one, two] = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await settle([one, two]);
    network.stall();
    await edit(one, { metadata: { labels: { [`${group}/name`]: null } } });
    assert.deepEqual(actions(await apply([{ ...one, data: { a: "2" } }, two]))[0], "ConfigMap/one configured");
    await late.delete(two);
    network.recover();
    await eventually(() => drifts.length > 0, { what: "the deletion to be seen" });
    assert.deepEqual(drifts, [`ConfigMap/${namespace}/two`]);
  });

  test("a connection that says nothing is given up, and what it did not say is told", async () => {
    await using late = await openLateSetting({ stallMs: 1_000 });
    const { namespace, settle, apply, edit, read, drifts, network } = late;
    const objects = ["edited", "deleted", "unlabelled", "kept"].map((name) => configMap(namespace, name, { a: "1" }));
    const [edited, deleted, unlabelled] = objects as [KubeObject, KubeObject, KubeObject];
    await settle(objects);
    network.stall();
    await edit(edited, { data: { a: "2" } });
    await late.delete(deleted);
    await edit(unlabelled, { metadata: { labels: { [`${group}/namespace`]: null } } });
    await eventually(() => drifts.length === 3, { what: "the drift to be told" });
    const wanted = ["edited", "deleted", "unlabelled"].map((name) => `ConfigMap/${namespace}/${name}`);
    assert.deepEqual(drifts.toSorted(), wanted.toSorted());
    await apply(objects);
    for (const { metadata } of objects)
      assert.deepEqual((await read("ConfigMap", metadata.name))?.["data"], { a: "1" });
  });
});

/** A setting whose applier watches through a network that can be made to fail, and asks through another one. */
async function openLateSetting(watchTiming: { stallMs?: number } = {}): Promise<Setting & { network: FlakyNetwork }> {
  await using stack = new AsyncDisposableStack();
  const network = stack.use(await startFlakyNetwork((await sharedControlPlane()).url));
  const setting = stack.use(await openSetting({ network, watchTiming }));
  const all = stack.move();
  return { ...setting, network, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
