/** Two owners of one object: both know of it, and it outlives either. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { configMap, openSetting } from "../../test/fixture.ts";
import type { ApplyOutcome } from "./apply-all.ts";

suite("an object of two owners", () => {
  test("stays with the one that changed its declaration last, and both report it", async () => {
    await using shared = await share();
    const { setting, other } = shared;
    assert.deepEqual(sharedIn(await shared.first()), { kind: "shared", owners: [other], isKept: false });
    assert.deepEqual(sharedIn(await shared.second()), {
      kind: "shared",
      owners: [`${setting.namespace}/app`],
      isKept: true,
    });
    assert.deepEqual((await setting.read("ConfigMap", "shared"))?.["data"], { by: "second" });
    setting.requests.length = 0;
    await shared.first();
    await shared.second();
    assert.deepEqual(setting.requests, [], "nobody takes it back");
  });

  test("is taken over by the first owner when it changes its declaration", async () => {
    await using shared = await share();
    await shared.first();
    await shared.first("changed");
    assert.deepEqual((await shared.setting.read("ConfigMap", "shared"))?.["data"], { by: "changed" });
    await shared.seen("app");
    assert.equal(sharedIn(await shared.second())?.kind, "shared");
    assert.deepEqual((await shared.setting.read("ConfigMap", "shared"))?.["data"], { by: "changed" });
  });

  test("is handed over, not deleted, when the owner that has it releases it", async () => {
    await using shared = await share();
    const { setting, owner, entries } = shared;
    await shared.first();
    const { uid } = (await setting.read("ConfigMap", "shared"))?.metadata ?? {};
    setting.drifts.length = 0;
    const signal = AbortSignal.timeout(20_000);
    const { deleted, handedOver } = await setting.applier.prune({ owner, entries }, signal);
    assert.deepEqual([deleted, handedOver], [[], [{ entry: entries[0], heir: `${setting.namespace}/app` }]]);
    assert.deepEqual(setting.drifts, [`ConfigMap/${setting.namespace}/shared`], "the other one is triggered");
    await shared.first();
    const after = await setting.read("ConfigMap", "shared");
    assert.deepEqual([after?.metadata.uid, after?.["data"]], [uid, { by: "first" }]);
    const again = await setting.applier.prune({ owner, entries }, signal);
    assert.deepEqual([again.kept.length, again.handedOver], [1, []]);
  });

  test("triggers the owner that lost it when it is deleted, and when the other owner is forgotten", async () => {
    for (const release of ["delete", "forget"] as const) {
      await using shared = await share();
      const { setting, owner } = shared;
      await shared.first();
      setting.drifts.length = 0;
      if (release === "delete") await setting.delete(configMap(setting.namespace, "shared", {}));
      else setting.applier.forget(owner);
      await eventually(() => setting.drifts.length > 0, { what: `a report after ${release}` });
    }
  });
});

/** An object that `app` has applied, and then `other` with another value. */
async function share() {
  await using stack = new AsyncDisposableStack();
  const setting = stack.use(await openSetting());
  const { namespace, apply, read } = setting;
  const owner = { name: "other", namespace };
  const objectWith = (by: string) => [configMap(namespace, "shared", { by })];
  const seen = async (name: string) =>
    eventually(
      async () => {
        setting.requests.length = 0;
        const { labels } = (await read("ConfigMap", "shared"))?.metadata ?? {};
        return labels?.["kustomize.toolkit.fluxcd.io/name"] === name && setting.drifts.length > 0;
      },
      { what: "the watch to have seen the loss" },
    );
  await setting.settle(objectWith("first"));
  const { inventory } = await apply(objectWith("second"), { owner });
  await seen("other");
  const owned = stack.move();
  return {
    setting,
    owner,
    other: `${namespace}/other`,
    entries: inventory,
    seen,
    first: async (by = "first") => apply(objectWith(by)),
    second: async () => apply(objectWith("second"), { owner }),
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  };
}

function sharedIn({ changes }: ApplyOutcome) {
  return changes[0]?.drift;
}
