import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { configMap, fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import type { Kube } from "./kube.ts";
import { withSharedReads } from "./shared-reads.ts";

suite("reads that are shared", () => {
  let setting: Setting;
  let kube: Kube;
  let requests = 0;
  before(async () => {
    setting = await openSetting({ onRequest: ({ verb }) => void (requests += verb === "get" ? 1 : 0) });
    kube = withSharedReads(setting.kube);
    await write("one", "1");
    await write("other", "1");
  });
  beforeEach(() => (requests = 0));
  after(() => setting[Symbol.asyncDispose]());

  const read = (name: string, signal?: AbortSignal) =>
    kube.get({ resource: core.ConfigMap, namespace: setting.namespace, name }, { signal });
  const write = (name: string, key: string) =>
    setting.kube.apply(core.ConfigMap, configMap(setting.namespace, name, { key }), { fieldManager, force: true });

  test("are one request for all who ask for an object at a time", async () => {
    const answers = await Promise.all([read("one"), read("one"), read("other"), read("one"), read("missing")]);
    assert.deepEqual(answers.map(keyOf), ["1", "1", "1", "1", undefined]);
    assert.equal(requests, 3);
  });

  test("are one request more for all who ask while that is under way", async () => {
    const first = read("one");
    await nextTurn();
    const [early, ...later] = await Promise.all([first, read("one"), read("one"), read("one")]);
    assert.notEqual(early, later[0]);
    assert.equal(new Set(later).size, 1);
    assert.equal(requests, 2);
  });

  test("never give what was read before they were asked for", async () => {
    for (let value = 2; value < 20; value++) {
      const early = read("one");
      await write("one", String(value));
      assert.equal(keyOf(await read("one")), String(value));
      await early;
    }
  });

  test("fail for all who share them, and are made again after it", async () => {
    const forbidden = withSharedReads(setting.kube.impersonate("nobody"));
    const ref = { resource: core.ConfigMap, namespace: setting.namespace, name: "one" };
    const answers = await Promise.allSettled([forbidden.get(ref), forbidden.get(ref)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(requests, 1);
    await assert.rejects(forbidden.get(ref), /forbidden/);
    assert.equal(requests, 2);
  });

  test("end for who is stopped, and for nobody else", async () => {
    const stop = new AbortController();
    const stopped = read("one", stop.signal);
    const going = read("one", AbortSignal.timeout(60_000));
    stop.abort(new Error("stopped"));
    await assert.rejects(stopped, /stopped/);
    assert.ok(await going);
    assert.equal(requests, 1);
  });
});

function keyOf(object: KubeObject | undefined): unknown {
  return (object?.["data"] as { key: string } | undefined)?.key;
}

/** After it, what was asked for is under way. */
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
