import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { core } from "@leat/api";
import { createAddressGuard } from "@leat/http";
import { connect } from "./connect.ts";

suite("a kubeconfig that is not to be trusted does not reach a denied address", () => {
  const rows: Array<[by: string, cluster: (port: number) => object]> = [
    ["as its server", (port) => ({ server: `http://127.0.0.1:${port}` })],
    ["as its server, by name", (port) => ({ server: `http://localhost:${port}` })],
    ["as its server, with TLS", (port) => ({ server: `https://localhost:${port}` })],
    ["as its proxy", (port) => ({ server: "http://elsewhere.example", "proxy-url": `http://127.0.0.1:${port}` })],
    [
      "as its proxy, by name",
      (port) => ({ server: "http://elsewhere.example", "proxy-url": `http://localhost:${port}` }),
    ],
    [
      "as its SOCKS proxy",
      (port) => ({ server: "http://elsewhere.example", "proxy-url": `socks5://localhost:${port}` }),
    ],
  ];
  for (const [by, cluster] of rows) {
    test(by, async () => {
      await using server = await listen();
      await using kube = await connect({
        selfContained: { text: kubeconfig(cluster(server.port)), origin: "it", permitInsecureTls: true },
        guard: createAddressGuard(["127.0.0.0/8", "::1"]),
      });
      await assert.rejects(kube.get({ resource: core.ConfigMap, namespace: "x", name: "x" }), {
        reason: "APIServerUnavailable",
        message: /cannot be reached: connections to this address are denied by --denied-networks$/,
      });
      assert.equal(server.connections(), 0);
    });
  }
});

function kubeconfig(cluster: object): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "c", user: {} }],
  });
}

async function listen() {
  let connections = 0;
  const server = createServer((_, response) => response.end("{}")).listen(0, "::");
  server.on("connection", () => (connections += 1));
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
