import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { configMap, group, openSetting, type Setting } from "../../test/fixture.ts";
import type { InventoryEntry } from "../index.ts";

suite("prune", () => {
  test("deletes what left the source, in reverse order, and nothing twice", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace } };
    const { inventory } = await apply([configMap(namespace, "one", {}), secret]);
    const outcome = await prune(setting, inventory);
    assert.deepEqual(
      outcome.deleted.map(({ subject, action }) => `${subject} ${action}`),
      [`Secret/${namespace}/s deleted`, `ConfigMap/${namespace}/one deleted`],
    );
    assert.deepEqual(outcome.failed, []);
    assert.equal(await read("ConfigMap", "one"), undefined);
    assert.deepEqual(await prune(setting, inventory), { deleted: [], kept: [], handedOver: [], failed: [] });
    assert.deepEqual(setting.drifts, []);
  });

  test("keeps what belongs to another owner, to nobody, or says that it stays", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, read } = setting;
    const annotations = (key: string, value: string) => ({ annotations: { [`${group}/${key}`]: value } });
    const [moved, unlabelled, switched, ignored] = ["moved", "unlabelled", "switched", "ignored"].map((name) =>
      configMap(namespace, name, {}),
    );
    assert.ok(moved && unlabelled && switched && ignored);
    const kept = configMap(namespace, "kept", {}, annotations("prune", "disabled"));
    const { inventory } = await apply([moved, unlabelled, switched, ignored, kept]);
    await apply([moved], { owner: { name: "other", namespace } });
    await edit(unlabelled, { metadata: { labels: { [`${group}/namespace`]: null } } });
    await edit(switched, { metadata: annotations("prune", "Disabled") });
    await edit(ignored, { metadata: { labels: { [`${group}/ssa`]: "Ignore" } } });
    const outcome = await prune(setting, inventory);
    assert.deepEqual([outcome.deleted, outcome.failed], [[], []]);
    const reasons = new Map(outcome.kept.map(({ subject, reason }) => [subject.split("/").at(-1), reason]));
    assert.deepEqual(Object.fromEntries(reasons), {
      moved: `it belongs to ${namespace}/other`,
      unlabelled: "it has no owner labels",
      switched: `${group}/prune is disabled`,
      ignored: `${group}/reconcile is disabled`,
      kept: `${group}/prune is disabled`,
    });
    for (const name of ["moved", "unlabelled", "switched", "ignored", "kept"])
      assert.ok(await read("ConfigMap", name), name);
  });

  test("decides by what the object is now, also where the watch has not seen it", async () => {
    await using setting = await openSetting();
    await using other = await openSetting();
    const { namespace, apply, edit, owner, read } = setting;
    const [one, two] = [configMap(namespace, "one", {}), configMap(namespace, "two", {})];
    const { inventory } = await apply([one, two]);
    await edit(one, { metadata: { labels: { [`${group}/prune`]: "disabled" } } });
    const { deleted } = await other.applier.prune({ owner, entries: inventory }, AbortSignal.timeout(10_000));
    assert.deepEqual(deleted, [{ subject: `ConfigMap/${namespace}/two`, action: "deleted" }]);
    assert.ok(await read("ConfigMap", "one"));
  });

  test("what is only created is deleted all the same", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const one = configMap(namespace, "one", {}, { annotations: { [`${group}/ssa`]: "IfNotPresent" } });
    assert.equal((await prune(setting, (await apply([one])).inventory)).deleted.length, 1);
  });

  test("an entry of a kind that is gone is done", async () => {
    await using setting = await openSetting();
    const entries = [{ id: "a_b_gone.example.org_Gadget", v: "v1" }];
    assert.deepEqual(await prune(setting, entries), { deleted: [], kept: [], handedOver: [], failed: [] });
  });

  test("deletes roles whatever underscores and colons their names have, and only its own", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const role = (name: string) => ({ apiVersion, kind: "Role", metadata: { name, namespace }, rules: [] });
    const names = ["team__dev", "team:ops", "a__b:c", "a_:b"];
    const { inventory } = await apply(names.map(role));
    await apply([role("team:dev")], { owner: { name: "other", namespace } });
    const { deleted } = await prune(setting, inventory);
    assert.deepEqual(new Set(deleted.map(({ subject }) => subject.split("/").at(-1))), new Set(names));
    for (const name of names) assert.equal(await read("Role", name, apiVersion), undefined, name);
    assert.ok(await read("Role", "team:dev", apiVersion));
  });

  test("an entry whose version is no longer served is deleted by another", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    await apply([configMap(namespace, "one", {})]);
    const { deleted } = await prune(setting, [{ id: `${namespace}_one__ConfigMap`, v: "v1alpha7" }]);
    assert.equal(deleted.length, 1);
    assert.equal(await read("ConfigMap", "one"), undefined);
  });

  test("says of each entry what the server rejects, and goes on", async () => {
    await using setting = await openSetting();
    const { namespace, apply, kube, applier, owner } = setting;
    const { inventory } = await apply([configMap(namespace, "one", {}), configMap(namespace, "two", {})]);
    const as = kube.impersonate(`system:serviceaccount:${namespace}:nobody`);
    const { deleted, failed } = await applier.prune({ owner, entries: inventory, as }, AbortSignal.timeout(10_000));
    assert.deepEqual(deleted, []);
    assert.deepEqual(
      failed.map(({ entry }) => entry.id).toSorted(),
      inventory.map(({ id }) => id),
    );
    assert.match(failed[0]?.message ?? "", /ConfigMap\/.*\/two: .*cannot (get|delete) resource/);
  });

  test("tells what is still there", async () => {
    await using setting = await openSetting();
    const { namespace, apply, applier } = setting;
    const held = configMap(namespace, "held", {}, { finalizers: ["example.org/hold"] });
    const { inventory } = await apply([configMap(namespace, "one", {}), held]);
    await prune(setting, inventory);
    const left = await applier.remaining(
      [...inventory, { id: "a_b_gone.example.org_Gadget", v: "v1" }],
      AbortSignal.timeout(10_000),
    );
    assert.deepEqual(left, [{ id: `${namespace}_held__ConfigMap`, v: "v1" }]);
    await setting.edit(held, { metadata: { finalizers: null } });
    assert.deepEqual(await applier.remaining(inventory, AbortSignal.timeout(10_000)), []);
  });
});

async function prune({ applier, owner }: Setting, entries: readonly InventoryEntry[]) {
  return applier.prune({ owner, entries }, AbortSignal.timeout(20_000));
}
