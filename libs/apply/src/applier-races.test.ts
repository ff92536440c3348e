import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Kube } from "@leat/kube";
import { actions, configMap, createTestApplier, openSetting } from "../test/fixture.ts";

suite("an object that is deleted during a run", { concurrency: true }, () => {
  test("is drift although the run has just found it as applied", async () => {
    await using setting = await openSetting();
    const { kube, namespace, owner, settle } = setting;
    const objects = ["one", "two"].map((name) => configMap(namespace, name, { a: "1" }));
    await settle(objects);
    const deletion = Promise.withResolvers<void>();
    const racing: Kube = {
      ...kube,
      list: async (...request) => {
        const found = await kube.list(...request);
        await setting.delete(configMap(namespace, "one", {}));
        await deletion.promise;
        return found;
      },
      watch: async function* (...request) {
        for await (const event of kube.watch(...request)) {
          yield event;
          if (event.type === "deleted" && event.object.metadata.namespace === namespace) deletion.resolve();
        }
      },
    };
    const said = { drifts: new Array<string>(), health: { count: 0 } };
    await using applier = createTestApplier(racing, said);

    const request = { owner, objects: objects.map((object) => ({ object })), force: false, timeoutMs: 20_000 };
    const outcome = await applier.apply(request, new AbortController().signal);

    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual(said.drifts, [`ConfigMap/${namespace}/one`]);
  });

  test("is created again if its fields were about to be taken over", async () => {
    await using setting = await openSetting();
    const { kube, namespace, owner, settle, edit, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await settle([one]);
    await edit(one, { data: { more: "x" } }, "kubectl-edit");
    const racing: Kube = {
      ...kube,
      patch: async (...request) => {
        await setting.delete(one);
        return kube.patch(...request);
      },
    };
    await using applier = createTestApplier(racing, { drifts: [], health: { count: 0 } });

    const request = { owner, objects: [{ object: one }], force: false, timeoutMs: 20_000 };
    const outcome = await applier.apply(request, new AbortController().signal);

    assert.equal(outcome.kind, "applied", JSON.stringify(outcome));
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "1" });
  });
});
