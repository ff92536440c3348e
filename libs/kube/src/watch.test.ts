import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { type FlakyNetwork, startFlakyNetwork } from "@leat/testing";
import { startTamperingProxy, type TamperingProxyOptions } from "../test/tampering-proxy.ts";
import { configMap, connectVia, fieldManager, openSetting, quickTiming, type Setting } from "../test/fixture.ts";
import { type Followed, follow } from "../test/follow.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import type { Kube } from "./kube.ts";

let setting: Setting;
let direct: Kube;
let namespace: string;
before(async () => {
  setting = await openSetting();
  ({ kube: direct, namespace } = setting);
});
after(() => setting[Symbol.asyncDispose]());

suite("a watch", () => {
  test("begins with all there is, goes on with each change, and ends with its signal", async () => {
    await direct.create(core.ConfigMap, named("first"), { fieldManager });
    await using watched = await watchDirectly("app=follow");
    assert.deepEqual(await watched.take(), ["listed", "first"]);
    await direct.create(core.ConfigMap, named("second"), { fieldManager });
    assert.deepEqual(await watched.take(), ["applied", "second"]);
    await direct.delete({ resource: core.ConfigMap, namespace, name: "first" });
    assert.deepEqual(await watched.take(), ["deleted", "first"]);
    await watched.stop();
    assert.deepEqual(watched.rest(), []);
  });

  test("an object that loses its label counts as deleted", async () => {
    const object = named("unlabelled", "label");
    await direct.create(core.ConfigMap, object, { fieldManager });
    await using watched = await watchDirectly("app=label");
    await watched.take();
    const ref = { resource: core.ConfigMap, namespace, name: "unlabelled" };
    await direct.patch(ref, { type: "merge", body: { metadata: { labels: { app: null } } } }, { fieldManager });
    assert.deepEqual(await watched.take(), ["deleted", "unlabelled"]);
  });

  test("a consumer that leaves its loop closes the connection", async () => {
    await using network = await startFlakyNetwork(setting.controlPlane.url);
    await using kube = await connectVia(network.url, setting.controlPlane);
    for await (const event of kube.watch({ resource: core.ConfigMap, namespace }, new AbortController().signal)) {
      assert.equal(event.type, "listed");
      break;
    }
    await until(() => network.open === 0, "the connection to close");
  });

  test("objects of a megabyte come through whole", async () => {
    await using watched = await watchDirectly("app=large");
    await watched.take();
    const value = "ä".repeat(500_000);
    await direct.create(core.ConfigMap, { ...named("large", "large"), data: { value } }, { fieldManager });
    assert.deepEqual(await watched.take(), ["applied", "large"]);
    assert.deepEqual(watched.last()?.["data"], { value });
  });

  test("a watch that is forbidden says so at each attempt, and still ends with its signal", async () => {
    const failures: Array<[message: string, count: number]> = [];
    const stop = new AbortController();
    const tenant = direct.impersonate("nobody");
    const onFailure = (error: Error, count: number) => void failures.push([error.message, count]);
    const watch = tenant.watch({ resource: core.ConfigMap, namespace }, stop.signal, { onFailure });
    const first = watch.next();
    await until(() => failures.length >= 3, "three failures");
    stop.abort();
    assert.equal((await first).done, true);
    assert.match(failures[0]?.[0] ?? "", /User "nobody" cannot (list|watch) resource "configmaps"/);
    assert.deepEqual(
      failures.slice(0, 3).map(([, count]) => count),
      [1, 2, 3],
    );
  });

  function watchDirectly(labelSelector: string): Promise<Followed> {
    return follow(direct, { resource: core.ConfigMap, namespace, labelSelector });
  }
});

suite("a watch over a bad network", () => {
  let network: FlakyNetwork;
  let kube: Kube;
  before(async () => {
    network = await startFlakyNetwork(setting.controlPlane.url);
    kube = await connectVia(network.url, setting.controlPlane, { watchTiming: quickTiming });
  });
  after(async () => {
    await kube[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
  });

  test("goes on where it was when its connection is cut, without a new list", async () => {
    await direct.create(core.ConfigMap, named("before-cut", "cut"), { fieldManager });
    await using watched = await follow(kube, { resource: core.ConfigMap, namespace, labelSelector: "app=cut" });
    assert.deepEqual(await watched.take(), ["listed", "before-cut"]);
    for (const name of ["one", "two", "three"]) {
      network.cut();
      await direct.create(core.ConfigMap, named(name, "cut"), { fieldManager });
      await direct.delete({ resource: core.ConfigMap, namespace, name });
      assert.deepEqual(
        [await watched.take(), await watched.take()],
        [
          ["applied", name],
          ["deleted", name],
        ],
      );
    }
    assert.deepEqual(watched.rest(), []);
  });

  test("notices that its connection is dead, and hears what happened meanwhile", async () => {
    await using watched = await follow(kube, { resource: core.ConfigMap, namespace, labelSelector: "app=dead" });
    assert.deepEqual(await watched.take(), ["listed"]);
    network.stall();
    await direct.create(core.ConfigMap, named("unheard", "dead"), { fieldManager });
    assert.deepEqual(await watched.take(), ["applied", "unheard"]);
    assert.ok(watched.failures.some((message) => /no data for 1000 ms/.test(message)));
  });

  test("a consumer that takes its time is not taken for a dead connection", async () => {
    await direct.create(core.ConfigMap, named("slow", "slow"), { fieldManager });
    const stop = new AbortController();
    const failures: Error[] = [];
    const selection = { resource: core.ConfigMap, namespace, labelSelector: "app=slow" };
    const timing = { ...quickTiming, stallMs: 300 };
    await using patient = await connectVia(network.url, setting.controlPlane, { watchTiming: timing });
    for await (const event of patient.watch(selection, stop.signal, { onFailure: (error) => failures.push(error) })) {
      assert.equal(event.type, "listed");
      const busyUntil = performance.now() + 900;
      await until(() => performance.now() > busyUntil, "the work to be done");
      assert.deepEqual(failures, []);
      stop.abort();
    }
  });
});

suite("a watch through a proxy that tampers with answers", () => {
  test("falls back to list and watch where the list is not to be had as the watch's start", async () => {
    const answer: TamperingProxyOptions["answer"] = ({ url = "" }) =>
      url.includes("sendInitialEvents") ? { status: 422, body: invalidStatus } : undefined;
    await using tampered = await tamper({ answer });
    await direct.create(core.ConfigMap, named("old-server", "old"), { fieldManager });
    await using watched = await follow(tampered.kube, {
      resource: core.ConfigMap,
      namespace,
      labelSelector: "app=old",
    });
    assert.deepEqual(await watched.take(), ["listed", "old-server"]);
    await direct.create(core.ConfigMap, named("old-server-2", "old"), { fieldManager });
    assert.deepEqual(await watched.take(), ["applied", "old-server-2"]);
    assert.deepEqual(watched.failures, []);
  });

  test("reports a line that is not JSON and starts again with a list", async () => {
    let isBroken = false;
    const change: TamperingProxyOptions["change"] = (chunk, { url = "" }) => {
      if (!isBroken || !url.includes("watch=1") || !chunk.includes("hunter2")) return chunk;
      isBroken = false;
      return Buffer.from(chunk.toString().replace(`{"type"`, `{"type`));
    };
    await using tampered = await tamper({ change });
    await using watched = await follow(tampered.kube, {
      resource: core.ConfigMap,
      namespace,
      labelSelector: "app=broken",
    });
    assert.deepEqual(await watched.take(), ["listed"]);
    isBroken = true;
    await direct.create(
      core.ConfigMap,
      { ...named("garbled", "broken"), data: { secret: "hunter2" } },
      { fieldManager },
    );
    assert.deepEqual(await watched.take(), ["listed", "garbled"]);
    assert.equal(watched.failures.length, 1);
    assert.match(watched.failures[0] ?? "", /^a watch event of \d+ characters is not JSON$/);
  });

  test("lists again after the server says that the position is too old", async () => {
    const selection = { resource: core.ConfigMap, namespace, labelSelector: "app=gone" };
    let isGone = false;
    const answer: TamperingProxyOptions["answer"] = ({ url = "" }) => {
      if (!isGone || !/[?&]resourceVersion=\d/.test(url)) return undefined;
      isGone = false;
      return { status: 200, body: `${JSON.stringify({ type: "ERROR", object: goneStatus })}\n` };
    };
    await using network = await startFlakyNetwork(setting.controlPlane.url);
    await using tampered = await tamper({ answer, target: network.url });
    await direct.create(core.ConfigMap, named("doomed", "gone"), { fieldManager });
    await using watched = await follow(tampered.kube, selection);
    assert.deepEqual(await watched.take(), ["listed", "doomed"]);
    isGone = true;
    network.stall();
    await direct.delete({ resource: core.ConfigMap, namespace, name: "doomed" });
    network.cut();
    assert.deepEqual(await watched.take(), ["listed"]);
  });

  for (const [status, body] of [
    [503, "service unavailable"],
    [404, "404 page not found"],
    [500, "conversion webhook failed"],
  ] as const) {
    test(`takes no object for deleted while the server responds with ${status}`, async () => {
      const app = `down-${status}`;
      let rejections = 0;
      let isDown = false;
      const answer: TamperingProxyOptions["answer"] = ({ url = "" }) => {
        if (!isDown || !url.includes("/configmaps")) return undefined;
        rejections += 1;
        return { status, body };
      };
      await using network = await startFlakyNetwork(setting.controlPlane.url);
      await using tampered = await tamper({ answer, target: network.url });
      await direct.create(core.ConfigMap, named(app, app), { fieldManager });
      const labelSelector = `app=${app}`;
      await using watched = await follow(tampered.kube, { resource: core.ConfigMap, namespace, labelSelector });
      assert.deepEqual(await watched.take(), ["listed", app]);
      isDown = true;
      network.cut();
      await until(() => rejections >= 3, "three attempts");
      isDown = false;
      await direct.create(core.ConfigMap, named(`${app}-next`, app), { fieldManager });
      const next = await watched.take();
      assert.ok(next[0] === "applied" || next.includes(app), next.join(" "));
    });
  }

  const goneStatus = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version: 1 (2)" };
  const invalidStatus = JSON.stringify({
    kind: "Status",
    reason: "Invalid",
    message: "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
  });

  interface Tampered extends AsyncDisposable {
    kube: Kube;
  }

  async function tamper(options: Partial<TamperingProxyOptions>): Promise<Tampered> {
    await using stack = new AsyncDisposableStack();
    const { url: target, caFile, token } = setting.controlPlane;
    const proxy = stack.use(await startTamperingProxy({ target, caFile, ...options }));
    const settings: ConnectOptions = { server: proxy.url, token, watchTiming: quickTiming };
    const kube = stack.use(await connect(settings));
    const owned = stack.move();
    return { kube, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }
});

function named(name: string, app = "follow") {
  return { ...configMap(namespace, name), metadata: { namespace, name, labels: { app } } };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const started = performance.now(); !isSo(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    assert.ok(performance.now() - started < 10_000, `waited too long for ${what}`);
  }
}
