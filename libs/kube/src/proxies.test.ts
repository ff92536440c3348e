import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { core } from "@leat/api";
import { startProxy } from "@leat/testing";
import { connect, type ConnectOptions } from "./index.ts";

suite("the proxies of the environment", () => {
  const kubeconfig = (proxyUrl?: string) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: "http://api.example", "proxy-url": proxyUrl } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
  const selfContained = (proxyUrl?: string) => ({
    selfContained: { text: kubeconfig(proxyUrl), origin: "Secret/team/cluster", permitInsecureTls: false },
  });

  const rows: Array<
    [about: string, options: ConnectOptions, noProxy: string, expected: "environment" | "own" | "none"]
  > = [
    ["are used for an API server", { server: "http://api.example" }, "", "environment"],
    ["are used for that of a kubeconfig", selfContained(), "", "environment"],
    ["give way to that of a kubeconfig", selfContained("OWN"), "", "own"],
    ["are not used for what NO_PROXY lists", { server: "http://api.example" }, "api.example", "none"],
  ];
  for (const [about, options, noProxy, expected] of rows) {
    test(about, async () => {
      await using world = await startWorld();
      const { selfContained: given } = options;
      const own = given && { selfContained: { ...given, text: given.text.replace("OWN", world.own.url) } };
      const env = { HTTP_PROXY: world.environment.url, NO_PROXY: noProxy };
      await using kube = await connect({ ...options, ...own, env });
      const reading = kube.get({ resource: core.Namespace, name: "x" }, { timeoutMs: 5000 });
      if (expected === "none") await assert.rejects(reading, /ENOTFOUND|EAI_AGAIN/);
      else assert.equal((await reading)?.metadata.name, "x");
      assert.deepEqual(
        [world.environment.targets, world.own.targets].map(([target]) => target),
        ["environment", "own"].map((name) => (name === expected ? "api.example:80" : undefined)),
      );
    });
  }
});

/** An API server that only two proxies can reach. */
async function startWorld() {
  await using stack = new AsyncDisposableStack();
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } };
  const server = stack.adopt(
    createServer((_, response) => response.end(JSON.stringify(namespace))),
    (one) => {
      one.closeAllConnections();
      one.close();
    },
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const hosts = new Map([["api.example:80", `127.0.0.1:${(server.address() as AddressInfo).port}`]]);
  const [environment, own] = [stack.use(await startProxy({ hosts })), stack.use(await startProxy({ hosts }))];
  const parts = stack.move();
  return { environment, own, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}
