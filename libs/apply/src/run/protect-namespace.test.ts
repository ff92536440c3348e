/** Namespaces and what is in them: the one that did not create a namespace does not delete it. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { group, openSetting, type Setting } from "../../test/fixture.ts";

suite("a namespace that leaves the source", () => {
  test("stays if it was there before it was applied, also for an applier that remembers nothing", async () => {
    await using setting = await openSetting();
    await using made = await makeNamespace(setting, "existing");
    const { inventory } = await setting.apply([made.object]);
    await setting.apply([{ ...made.object, metadata: { ...made.object.metadata, labels: { team: "shop" } } }]);
    await using other = await openSetting();
    const { owner } = setting;
    const outcome = await other.applier.prune({ owner, entries: inventory }, AbortSignal.timeout(20_000));
    assert.deepEqual([outcome.deleted, outcome.kept[0]?.reason], [[], `${group}/prune is disabled`]);
    assert.equal((await made.read())?.metadata.deletionTimestamp, undefined);
  });

  test("is deleted if it was created", async () => {
    await using setting = await openSetting();
    const name = `${setting.namespace}-created`;
    const { inventory } = await setting.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
    const signal = AbortSignal.timeout(20_000);
    const { deleted } = await setting.applier.prune({ owner: setting.owner, entries: inventory }, signal);
    assert.deepEqual(deleted, [{ subject: `Namespace/${name}`, action: "deleted" }]);
  });

  test("stays if its owner is in it", async () => {
    await using setting = await openSetting();
    const { owner, applier, namespace, kube } = setting;
    const labels = { [`${group}/name`]: owner.name, [`${group}/namespace`]: owner.namespace };
    const ref = { resource: core.Namespace, name: namespace };
    await kube.patch(ref, { type: "merge", body: { metadata: { labels } } }, { fieldManager: "test" });
    const entries = [{ id: `_${namespace}__Namespace`, v: "v1" }];
    const { deleted, kept } = await applier.prune({ owner, entries }, AbortSignal.timeout(20_000));
    assert.deepEqual([deleted, kept[0]?.reason], [[], `${namespace}/app is in it`]);
  });
});

async function makeNamespace({ kube, namespace }: Setting, suffix: string) {
  const name = `${namespace}-${suffix}`;
  const object: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await kube.create(core.Namespace, object, { fieldManager: "somebody" });
  const ref = { resource: core.Namespace, name };
  return {
    object,
    read: async () => kube.get(ref),
    [Symbol.asyncDispose]: async () => void (await kube.delete(ref)),
  };
}
