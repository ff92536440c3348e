/** An aggregated API whose server does not respond makes nothing look deleted. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Kube } from "@leat/kube";
import { eventually } from "@leat/testing";
import { configMap, messageOf, openSetting, type Setting } from "../../test/fixture.ts";

suite("an API that is down", () => {
  test("keeps the entries of its objects, and the others are pruned", async () => {
    await using setting = await openSetting();
    await using down = await openDownApi(setting);
    const { namespace, apply, applier, owner } = setting;
    const { inventory } = await apply([configMap(namespace, "one", {})]);
    const thing = { id: `${namespace}_x_${down.group}_Thing`, v: "v1beta1" };
    const signal = AbortSignal.timeout(20_000);
    const { deleted, failed } = await applier.prune({ owner, entries: [...inventory, thing] }, signal);
    assert.deepEqual(
      deleted.map(({ subject }) => subject),
      [`ConfigMap/${namespace}/one`],
    );
    assert.deepEqual(
      failed.map(({ entry }) => entry),
      [thing],
    );
    assert.match(failed[0]?.message ?? "", /Thing\/.*\/x: the API .*\/v1beta1 is unavailable/);
    assert.deepEqual(await applier.remaining([thing], signal), [thing]);
  });

  test("is named if an object of it is declared or awaited", async () => {
    await using setting = await openSetting();
    await using down = await openDownApi(setting);
    const { namespace, apply, applier, owner } = setting;
    const apiVersion = `${down.group}/v1beta1`;
    const outcome = await apply([{ apiVersion, kind: "Thing", metadata: { name: "x", namespace } }]);
    assert.match(messageOf(outcome), /the API .*\/v1beta1 is unavailable; see the status of APIService/);
    assert.equal(outcome.kind === "rejected" && outcome.rejection, "APIUnavailable");
    const objects = [{ apiVersion, kind: "Thing", namespace, name: "x" }];
    const health = await applier.health({ owner, objects }, AbortSignal.timeout(20_000));
    assert.match(JSON.stringify(health), /"inProgress".*is unavailable/);
  });
});

async function openDownApi({ kube, namespace }: Setting): Promise<{ group: string } & AsyncDisposable> {
  const group = `${namespace}.example.com`;
  const name = `v1beta1.${group}`;
  const resource = await resourceOf(kube);
  const service = { name: "nowhere", namespace };
  const spec = { group, version: "v1beta1", groupPriorityMinimum: 100, versionPriority: 100, service };
  const object = { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name } };
  await kube.create(resource, { ...object, spec: { ...spec, insecureSkipTLSVerify: true } }, { fieldManager: "test" });
  const isKnown = async () =>
    kube.resourceOf(`${group}/v1beta1`, "Thing").then(
      () => false,
      () => true,
    );
  await eventually(isKnown, { what: "the API server to know that the API is down" });
  return {
    group,
    [Symbol.asyncDispose]: async () => void (await kube.delete({ resource, name })),
  };
}

async function resourceOf(kube: Kube) {
  const resource = await kube.resourceOf("apiregistration.k8s.io/v1", "APIService");
  assert.ok(resource);
  return resource;
}
