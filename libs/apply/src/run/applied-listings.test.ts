import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { ApiError, type Kube, type ListOptions } from "@leat/kube";
import { createLogger } from "@leat/log";
import { configMap, fieldManager, group } from "../../test/fixture.ts";
import { declaredDigest } from "../fields/is-unchanged.ts";
import { type AppliedListings, createAppliedListings } from "./applied-listings.ts";

suite("what is applied of all owners", () => {
  test("is listed once a kind, however many ask at the same time or later", async () => {
    const { listings, selectors } = listingsOf([applied("one"), applied("two")]);
    const all = await Promise.all(Array.from({ length: 1_000 }, async () => listings.of(core.ConfigMap)));
    await listings.of(core.ConfigMap);
    assert.deepEqual(selectors, [`${group}/name`]);
    const digest = declaredDigest(configMap("default", "one", { a: "1" }));
    assert.deepEqual(all[0]?.take({ namespace: "default", name: "one" }), { resourceVersion: "7", digest });
    assert.equal(all[1]?.take({ namespace: "default", name: "one" }), undefined);
  });

  test("is empty where the kind may not be listed, without a further request", async () => {
    const { listings, selectors } = listingsOf(new ApiError(403, "Forbidden", "no"));
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await listings.of(core.ConfigMap)).take({ namespace: "default", name: "one" }), undefined);
    }
    assert.equal(selectors.length, 1);
  });

  test("is forgotten after some minutes", async ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { listings } = listingsOf([applied("one")]);
    await listings.of(core.ConfigMap);
    mock.timers.tick(10 * 60_000);
    assert.equal((await listings.of(core.ConfigMap)).take({ namespace: "default", name: "one" }), undefined);
  });
});

function applied(name: string): KubeObject {
  const fieldsV1 = { "f:data": { "f:a": {} } };
  const managedFields = [{ manager: fieldManager, operation: "Apply", apiVersion: "v1", fieldsV1 }];
  return configMap("default", name, { a: "1", theirs: "2" }, { resourceVersion: "7", managedFields });
}

function listingsOf(answer: KubeObject[] | Error): { listings: AppliedListings; selectors: Array<string | undefined> } {
  const selectors: Array<string | undefined> = [];
  const list = async (
    { labelSelector }: { labelSelector?: string },
    { keep }: ListOptions<unknown> = {},
  ): Promise<object> => {
    selectors.push(labelSelector);
    if (answer instanceof Error) throw answer;
    return { objects: answer.map((object) => keep?.(object)), resourceVersion: "9" };
  };
  const listings = createAppliedListings({
    kube: { list } as unknown as Kube,
    rules: { fieldManager, ownerGroup: group, overrideManagers: [] },
    log: createLogger("error", (line) => process.stderr.write(line)),
    signal: new AbortController().signal,
  });
  return { listings, selectors };
}
