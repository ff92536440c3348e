import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { type FlakyNetwork, startFlakyNetwork } from "@leat/testing";
import { type OwnAnswer, startTamperingProxy } from "../test/tampering-proxy.ts";
import { configMap, connectVia, fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import { ApiError } from "./api-error.ts";
import { connect } from "./connect.ts";
import type { Kube } from "./kube.ts";
import type { RequestInfo } from "./transport.ts";

let setting: Setting;
let namespace: string;
before(async () => {
  setting = await openSetting();
  ({ namespace } = setting);
});
after(() => setting[Symbol.asyncDispose]());

suite("connections", () => {
  let network: FlakyNetwork;
  let kube: Kube;
  before(async () => {
    network = await startFlakyNetwork(setting.controlPlane.url);
    kube = await connectVia(network.url, setting.controlPlane);
  });
  after(async () => {
    await kube[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
  });

  test("200 requests one after another take two connections at most, 200 at once no more than ten", async () => {
    const acceptedBefore = network.accepted;
    for (let count = 0; count < 200; count += 1) await kube.get({ resource: core.ConfigMap, namespace, name: "none" });
    assert.ok(network.accepted - acceptedBefore <= 2, `${network.accepted - acceptedBefore} connections`);
    const names = Array.from({ length: 200 }, (_, index) => `many-${index % 10}`);
    await Promise.all(names.map((name) => kube.apply(core.ConfigMap, configMap(namespace, name), { fieldManager })));
    assert.ok(network.accepted - acceptedBefore <= 10, `${network.accepted - acceptedBefore} connections`);
  });

  test("deletions keep their connections", async () => {
    const acceptedBefore = network.accepted;
    const names = Array.from({ length: 100 }, (_, index) => `deleted-${index}`);
    await Promise.all(names.map((name) => kube.delete({ resource: core.ConfigMap, namespace, name })));
    assert.ok(network.accepted - acceptedBefore <= 10, `${network.accepted - acceptedBefore} connections`);
  });

  test("a watch takes no connection from the requests, and gives its own back", async () => {
    await kube.list({ resource: core.ConfigMap, namespace });
    const openBefore = network.open;
    const stop = new AbortController();
    const watches = Array.from({ length: 12 }, () => kube.watch({ resource: core.ConfigMap, namespace }, stop.signal));
    await Promise.all(watches.map((watch) => watch.next()));
    await kube.list({ resource: core.ConfigMap, namespace });
    const ends = watches.map((watch) => watch.next());
    stop.abort();
    assert.ok((await Promise.all(ends)).every(({ done }) => done));
    await untilEqual(() => network.open, openBefore);
  });

  test("connections that the server has closed are no error, for whatever does no harm twice", async () => {
    await kube.list({ resource: core.ConfigMap, namespace });
    network.cut();
    await kube.apply(core.ConfigMap, configMap(namespace, "after-cut"), { fieldManager });
  });

  test("a call on a dead connection ends at its limit, and the next one takes a new connection", async () => {
    await kube.list({ resource: core.ConfigMap, namespace });
    network.stall();
    const slow = Array.from({ length: 10 }, () =>
      kube.list({ resource: core.ConfigMap, namespace }, { timeoutMs: 300 }),
    );
    const ends = await Promise.allSettled(slow);
    assert.ok(ends.some(({ status }) => status === "rejected"));
    for (const end of ends.filter(({ status }) => status === "rejected")) {
      assert.match(
        String((end as PromiseRejectedResult).reason),
        /did not respond to a list of configmaps within 0.3 s/,
      );
    }
    await kube.list({ resource: core.ConfigMap, namespace });
  });
});

suite("a network that carries nothing", () => {
  test("calls end at their limit or with their signal, also while they wait for a connection", async () => {
    await using network = await startFlakyNetwork(setting.controlPlane.url);
    await using kube = await connectVia(network.url, setting.controlPlane);
    network.goDark();
    const started = performance.now();
    await assert.rejects(
      kube.list({ resource: core.ConfigMap }, { timeoutMs: 200 }),
      /did not respond to .* within 0.2 s/,
    );
    const stop = new AbortController();
    const reason = new Error("enough");
    const list = kube.list({ resource: core.ConfigMap }, { signal: stop.signal });
    const event = kube.watch({ resource: core.ConfigMap }, stop.signal).next();
    stop.abort(reason);
    await assert.rejects(list, reason);
    assert.equal((await event).done, true);
    assert.ok(performance.now() - started < 2_000);
  });
});

suite("a server that is not as it should be", () => {
  test("Retry-After is honoured, also for what must not happen twice", async () => {
    let rejections = 0;
    const answers = (request: IncomingMessage) =>
      request.method === "POST" && rejections++ === 0 ? tooMany("1") : undefined;
    await using tampered = await tamper(answers);
    const started = performance.now();
    await tampered.kube.create(core.ConfigMap, configMap(namespace, "patient"), { fieldManager });
    assert.ok(performance.now() - started >= 1000, `${performance.now() - started} ms`);
    assert.equal(rejections, 2);
  });

  test("a wait longer than the call's limit is an error at once, which says how long", async () => {
    await using tampered = await tamper(() => tooMany("60"));
    const started = performance.now();
    const error = await rejection(tampered.kube.list({ resource: core.ConfigMap }));
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.code, error.retryAfterMs], [429, 60_000]);
    assert.ok(performance.now() - started < 5000);
  });

  test("a connection that breaks in the middle is tried again only where twice is as good as once", async () => {
    const seen: string[] = [];
    const breakFirst = (request: IncomingMessage) => {
      seen.push(request.method ?? "");
      if (seen.filter((method) => method === request.method).length === 1) request.socket.destroy();
      return undefined;
    };
    await using tampered = await tamper(breakFirst);
    await tampered.kube.apply(core.ConfigMap, configMap(namespace, "broken"), { fieldManager });
    const create = tampered.kube.create(core.ConfigMap, configMap(namespace, "broken-once"), { fieldManager });
    await assert.rejects(create, { reason: "APIServerUnavailable" });
    assert.deepEqual(seen, ["PATCH", "PATCH", "POST"]);
  });

  test("a gateway's own 404 does not pass for a missing object", async () => {
    await using tampered = await tamper(() => ({
      status: 404,
      headers: { "content-type": "text/html" },
      body: "<h1>no such site</h1>",
    }));
    const error = await rejection(tampered.kube.delete({ resource: core.ConfigMap, namespace, name: "any" }));
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, "HTTP 404");
  });

  test("an answer that is not JSON is a fault which repeats nothing of it", async () => {
    await using tampered = await tamper(() => ({ status: 200, body: `{"data": "hunter2` }));
    const error = await rejection(tampered.kube.get({ resource: core.ConfigMap, namespace, name: "any" }));
    assert.match(
      String(error),
      /Fault: the API server's response to a request for configmaps is not JSON \(\d+ characters\)/,
    );
  });

  test("a server that is not there is a fault with its address and without the token", async () => {
    await using kube = await connect({ server: `http://127.0.0.1:${await closedPort()}`, token: "hunter2" });
    const error = await rejection(kube.list({ resource: core.ConfigMap }));
    assert.match(
      String(error),
      /^Fault: the API server at http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/,
    );
    assert.equal((error as { reason?: string }).reason, "APIServerUnavailable");
    assert.ok(!String(error).includes("hunter2"));
  });

  test("a server whose certificate is not trusted is rejected at the first attempt", async () => {
    const attempts: RequestInfo[] = [];
    const { url, token } = setting.controlPlane;
    await using kube = await connect({ server: url, token, onRequest: (info) => attempts.push(info) });
    await assert.rejects(kube.list({ resource: core.ConfigMap }), /cannot be reached: .*certificate/);
    assert.deepEqual(
      attempts.map(({ verb, resource, code }) => [verb, resource, code]),
      [["list", "configmaps", 0]],
    );
  });

  test("every attempt is told with its verb, resource, code and duration", async () => {
    const attempts: RequestInfo[] = [];
    await using kube = await connect({
      kubeconfig: setting.controlPlane.kubeconfig,
      onRequest: (info) => attempts.push(info),
    });
    await kube.get({ resource: core.ConfigMap, namespace, name: "none" });
    await kube.apply(core.ConfigMap, configMap(namespace, "counted"), { fieldManager });
    assert.deepEqual(
      attempts.map(({ verb, code }) => [verb, code]),
      [
        ["get", 404],
        ["apply", 201],
      ],
    );
    assert.ok(attempts.every(({ seconds }) => seconds > 0 && seconds < 30));
  });
});

interface Tampered extends AsyncDisposable {
  kube: Kube;
}

async function tamper(answer: (request: IncomingMessage) => OwnAnswer | undefined): Promise<Tampered> {
  await using stack = new AsyncDisposableStack();
  const { url: target, caFile, token } = setting.controlPlane;
  const proxy = stack.use(await startTamperingProxy({ target, caFile, answer }));
  const kube = stack.use(await connect({ server: proxy.url, token }));
  const owned = stack.move();
  return { kube, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** As API priority and fairness says it. */
function tooMany(retryAfter: string): OwnAnswer {
  return { status: 429, headers: { "retry-after": retryAfter }, body: "Too many requests, please try again later.\n" };
}

async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("the call succeeded"),
    (error: unknown) => error,
  );
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilEqual(read: () => number, wanted: number): Promise<void> {
  for (const started = performance.now(); read() !== wanted; await new Promise((resolve) => setTimeout(resolve, 20))) {
    assert.ok(performance.now() - started < 10_000, `${read()} instead of ${wanted}`);
  }
}
