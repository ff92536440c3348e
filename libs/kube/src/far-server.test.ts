import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { core } from "@leat/api";
import { connect } from "./connect.ts";

suite("requests under way at a time", () => {
  test("are more to a server that is far away", async () => {
    await using server = await startServer(200);
    assert.ok((await server.ask(1_000)) > 60, `at most ${server.most} at a time`);
  });

  test("are ten to one nearby, on ten connections", async () => {
    await using server = await startServer(0);
    assert.equal(await server.ask(1_000), 10);
    assert.equal(server.connections, 10);
  });
});

/** Answers after so long, and counts. */
async function startServer(delayMs: number) {
  await using stack = new AsyncDisposableStack();
  const counted = { underWay: 0, most: 0, connections: 0 };
  const server = createServer((_, response) => {
    counted.underWay += 1;
    counted.most = Math.max(counted.most, counted.underWay);
    void pause(delayMs).then(() => {
      counted.underWay -= 1;
      response.end(JSON.stringify({ metadata: { name: "one" } }));
    });
  });
  server.on("connection", () => (counted.connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kube = stack.use(await connect({ server: url }));
  const all = stack.move();
  const ref = { resource: core.ConfigMap, namespace: "default", name: "one" };
  return {
    get most() {
      return counted.most;
    },
    get connections() {
      return counted.connections;
    },
    /** @returns the most at a time */
    ask: async (times: number) => {
      await Promise.all(Array.from({ length: times }, async () => kube.get(ref)));
      return counted.most;
    },
    [Symbol.asyncDispose]: async () => all.disposeAsync(),
  };
}
