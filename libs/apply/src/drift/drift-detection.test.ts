import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { actions, configMap, group, messageOf, openSetting, type Setting } from "../../test/fixture.ts";
import { type ApplyOutcome, describeDrift, type DriftHandling } from "../index.ts";

const warn: DriftHandling = { mode: "warn" };

/** `name: paths`, without who. */
function drifts({ changes }: ApplyOutcome): string[] {
  return changes.flatMap(({ subject, drift }) => {
    const name = subject.slice(subject.lastIndexOf("/") + 1);
    return drift === undefined
      ? []
      : [describeDrift({ subject: name, drift }).replace(/, (changed|last written) .*/, "")];
  });
}

suite("drift that is only to be told", () => {
  test("costs no request once it is known", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, requests } = setting;
    const objects = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await settle(setting, objects);
    await edit(configMap(namespace, "one", {}), { data: { a: "2" } });
    await told(setting, 1);
    requests.length = 0;
    const outcome = await apply(objects, { drift: warn });
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual(drifts(outcome), ["one: /data/a"]);
    assert.deepEqual(requests, ["get configmaps", "apply configmaps"]);
    await settle(setting, objects);
    assert.deepEqual(drifts(await apply(objects, { drift: warn })), ["one: /data/a"]);
  });

  test("is told where the server writes a value in its own way, and only then", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit } = setting;
    const hard = { "requests.cpu": "1000m", pods: "10" };
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q", namespace }, spec: { hard } };
    await settle(setting, [quota]);
    await using restarted = await openSetting();
    const applied = (await apply([quota], { drift: warn })).inventory;
    const owner = setting.owner;
    const again = async () => restarted.apply([quota], { owner, drift: { mode: "warn", applied } });
    assert.deepEqual(drifts(await again()), []);
    await edit(quota, { spec: { hard: { pods: "11" } } });
    await eventually(async () => drifts(await again())[0] === "q: /spec/hard/pods", { what: "the drift" });
  });

  test("of an object that nothing is remembered of is told by its owners, where the declaration may have changed", async () => {
    await using setting = await openSetting();
    await using restarted = await openSetting();
    const { namespace, owner, edit, read } = setting;
    const [one, two] = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await settle(setting, [one, two]);
    await edit(one, { data: { a: "by hand" } });
    const outcome = await restarted.apply([one, { ...two, data: { a: "2" } }], { owner, drift: warn });
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two configured"]);
    assert.deepEqual(drifts(outcome), ["one: /data/a"]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "by hand" });
  });

  test("is a deletion only where the object is known to have been applied", async () => {
    await using setting = await openSetting();
    await using restarted = await openSetting();
    const { namespace, owner } = setting;
    const [one, two] = [configMap(namespace, "one", {}), configMap(namespace, "two", {})];
    const applied = [{ id: `${namespace}_one__ConfigMap`, v: "v1" }];
    // A crash before the write leaves an inventory that lists what was never there.
    const outcome = await restarted.apply([one, two], { owner, drift: { mode: "warn", applied } });
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two created"]);
    assert.deepEqual(drifts(outcome), ["one: deleted"]);
    assert.deepEqual(actions(await restarted.apply([one], { owner, drift: warn })), ["ConfigMap/one unchanged"]);
    const changed = { ...one, data: { a: "1" } };
    assert.deepEqual(actions(await restarted.apply([changed], { owner, drift: warn })), ["ConfigMap/one created"]);
  });

  test("is none where a Job has gone by itself", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const containers = [{ name: "main", image: "none.invalid/none" }];
    const template = { spec: { restartPolicy: "Never", containers } };
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "job", namespace },
      spec: { ttlSecondsAfterFinished: 1, template },
    };
    await settle(setting, [job]);
    await setting.delete(job);
    await eventually(async () => (await setting.read("Job", "job", "batch/v1")) === undefined, {
      what: "the Job to be gone",
    });
    const outcome = await apply([job], { drift: warn });
    assert.deepEqual([actions(outcome), drifts(outcome)], [["Job/job unchanged"], []]);
  });

  test("whose correction the server rejects is reported, and fails nothing", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const immutable = { ...configMap(namespace, "one", { a: "1" }), immutable: true };
    await settle(setting, [immutable]);
    await setting.delete(immutable);
    const { resourceOf, create } = setting.kube;
    const resource = await resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    await create(resource, { ...immutable, data: { a: "2" } }, { fieldManager: "somebody" });
    const tellDrift = async () => {
      const outcome = await apply([immutable], { drift: warn });
      assert.equal(outcome.kind, "applied");
      return drifts(outcome)[0];
    };
    const drift = await eventually(tellDrift, { what: "the watch to see the other object" });
    assert.match(drift, /^one: the API server rejects the declared state \(Invalid: data\)$/);
  });

  test("is none in an object that is disabled, or only created", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit } = setting;
    const annotations = { [`${group}/ssa`]: "IfNotPresent" };
    const [one, two] = [
      configMap(namespace, "one", { a: "1" }, { annotations }),
      configMap(namespace, "two", { a: "1" }),
    ];
    await settle(setting, [one, two]);
    await edit(one, { data: { a: "2" } });
    await edit(two, { data: { a: "2" }, metadata: { annotations: { [`${group}/reconcile`]: "disabled" } } });
    const skipped = ["ConfigMap/one skipped", "ConfigMap/two skipped"];
    await eventually(
      async () => {
        const outcome = await apply([one, two], { drift: warn });
        assert.deepEqual(drifts(outcome), []);
        return actions(outcome).join() === skipped.join();
      },
      { what: "both to be left alone" },
    );
  });

  test("names a rule that cannot be read", async () => {
    await using setting = await openSetting();
    const ignore = [{ paths: ["/a"], target: { name: "(" } }];
    const outcome = await setting.apply([], { drift: { mode: "warn", ignore } });
    assert.match(
      messageOf(outcome),
      /^spec\.driftDetection\.ignore\[0\]\.target\.name: "\(" is not a valid regular expression/,
    );
  });
});

suite("drift that is corrected", () => {
  test("is told with what others had changed, and is asked for no more than once more", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, requests } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await setting.settle([one]);
    await edit(one, { data: { a: "2" } });
    await told(setting, 1);
    requests.length = 0;
    const outcome = await apply([one]);
    assert.deepEqual([actions(outcome), drifts(outcome)], [["ConfigMap/one configured"], ["one: /data/a"]]);
    assert.deepEqual(requests, ["get configmaps", "apply configmaps", "apply configmaps"]);
  });

  test("is no change of what is declared", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await setting.settle([one]);
    await edit(one, { data: { a: "2" } });
    const outcome = await apply([{ ...one, data: { a: "3" } }]);
    assert.deepEqual([actions(outcome), drifts(outcome)], [["ConfigMap/one configured"], []]);
  });

  test("is contention only after many corrections", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, applier, owner } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await setting.settle([one]);
    for (let round = 1; round <= 3; round++) {
      await edit(one, { data: { a: "2" } }, "rival");
      await told(setting, round);
      await setting.settle([one]);
    }
    assert.deepEqual(applier.contended(owner), []);
    for (let round = 4; round <= 21; round++) {
      await edit(one, { data: { a: "2" } }, "rival");
      await told(setting, round);
      await apply([one]);
    }
    assert.deepEqual(
      applier.contended(owner).map((found) => describeDrift(found, { times: false })),
      [`ConfigMap/${namespace}/one: /data/a, changed by rival`],
    );
    applier.forget(owner);
    assert.deepEqual(applier.contended(owner), []);
  });
});

suite("drift that nobody looks for", () => {
  test("is not told, and costs nothing", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, requests } = setting;
    const disabled: Partial<Parameters<Setting["apply"]>[1]> = { drift: { mode: "disabled" } };
    const [one, two] = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await apply([one, two], disabled);
    await edit(one, { data: { a: "2" } });
    await setting.delete(two);
    requests.length = 0;
    const outcome = await apply([one, two], disabled);
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual([drifts(outcome), requests], [[], []]);
    // What is told of another owner comes after what would be told of this one.
    const marker = configMap(namespace, "marker", {});
    await apply([marker], { owner: { name: "marker", namespace } });
    await setting.delete(marker);
    await told(setting, 1);
    assert.deepEqual(setting.drifts, [`ConfigMap/${namespace}/marker`]);
  });
});

/** Applies, and returns when the watch has seen it. */
async function settle({ apply, requests }: Setting, objects: readonly KubeObject[]): Promise<void> {
  await apply(objects, { drift: warn });
  await eventually(
    async () => {
      requests.length = 0;
      await apply(objects, { drift: warn });
      return requests.length === 0;
    },
    { what: "an apply that has nothing to ask the server" },
  );
}

async function told({ drifts: subjects }: Setting, count: number): Promise<void> {
  await eventually(() => subjects.length >= count, { what: `drift number ${count}` });
}
