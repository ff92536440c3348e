import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { createAddressGuard, createHttp, createHttpPool, type HttpOptions, isNetwork } from "./index.ts";

/** A server at all addresses of this machine, which answers with the URL it was asked for. */
async function listen() {
  const connections = { count: 0 };
  const server = createServer(({ url = "" }, response) => {
    const [, location] = /^\/to\/(.*)$/.exec(url) ?? [];
    if (location !== undefined) response.writeHead(302, { location });
    response.end(url);
  }).listen(0, "::");
  server.on("connection", () => (connections.count += 1));
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function ask(url: string, options: HttpOptions): Promise<string> {
  await using http = createHttp(options);
  const answer = await http.request(url, { timeoutMs: 60_000, maxBytes: 1000, maxRedirects: 3 });
  return (await answer.bytes()).toString();
}

const denied = { name: "HttpError", code: "ERR_ADDRESS_DENIED" };
const loopback = ["127.0.0.0/8", "::1"];

suite("a denied address", () => {
  const hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"];
  for (const host of hosts) {
    for (const scheme of ["http", "https"]) {
      test(`is not connected to by ${scheme}://${host}`, async () => {
        await using server = await listen();
        const guard = createAddressGuard(loopback);
        await assert.rejects(ask(`${scheme}://${host}:${server.port}/`, { guard }), denied);
        assert.equal(server.connections.count, 0);
      });
    }
  }

  test("is not connected to by a redirect", async () => {
    await using server = await listen();
    const guard = createAddressGuard(["127.0.0.2"]);
    const ok = `http://127.0.0.1:${server.port}`;
    assert.equal(await ask(`${ok}/to/${ok}/there`, { guard }), "/there");
    await assert.rejects(ask(`${ok}/to/http://127.0.0.2:${server.port}/there`, { guard }), denied);
  });

  for (const scheme of ["http", "socks5"]) {
    test(`is not connected to as a ${scheme} proxy that an object names`, async () => {
      await using server = await listen();
      const guard = createAddressGuard(loopback);
      for (const host of ["127.0.0.1", "localhost"]) {
        const proxy = `${scheme}://${host}:${server.port}`;
        await assert.rejects(ask("http://example.org/", { guard, proxy }), denied);
        await assert.rejects(ask("https://example.org/", { guard, proxy }), denied);
      }
      assert.equal(server.connections.count, 0);
    });
  }

  test("is connected to as a proxy that the environment names, but not through it", async () => {
    await using server = await listen();
    const options = {
      guard: createAddressGuard([...loopback, "10.0.0.0/8"]),
      proxies: () => `http://127.0.0.1:${server.port}`,
    };
    assert.equal(await ask("http://example.org/a", options), "http://example.org/a");
    await assert.rejects(ask("http://10.1.2.3/", options), denied);
  });

  test("does not hinder another address of the same name", async () => {
    await using server = await listen();
    const guard = createAddressGuard(["::1"]);
    assert.equal(await ask(`http://localhost:${server.port}/a`, { guard }), "/a");
  });
});

suite("an own port", () => {
  test("is not connected to at any address of this machine", async () => {
    await using own = await listen();
    await using other = await listen();
    const guard = createAddressGuard([]);
    guard.addOwnPort(own.port);
    for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "[::]"]) {
      await assert.rejects(ask(`http://${host}:${own.port}/`, { guard }), denied);
      assert.equal(await ask(`http://${host}:${other.port}/a`, { guard }), "/a");
    }
  });
});

suite("for a program that connects by itself", () => {
  const pool = (networks: string[]) => createHttpPool({ guard: createAddressGuard(networks) });

  test("a name is resolved to addresses that are not denied", async () => {
    await using connections = pool(["::1"]);
    assert.deepEqual(await connections.addressesFor("http://localhost/"), ["127.0.0.1"]);
    assert.deepEqual(await connections.addressesFor("http://example.invalid/", { proxy: "http://localhost:1" }), [
      "127.0.0.1",
    ]);
    assert.deepEqual(await connections.addressesFor("http://127.0.0.1/"), []);
  });

  test("a denied address is an error", async () => {
    await using connections = pool(loopback);
    await assert.rejects(connections.addressesFor("http://localhost/"), denied);
    await assert.rejects(connections.addressesFor("http://127.0.0.1/"), denied);
  });
});

test("a network is an address, with or without the length of a prefix", () => {
  const given = ["10.0.0.0/8", "10.1.2.3", "fe80::/10", "10.0.0.0/33", "10.0.0.0/", "example.org", "", "fe80::/129"];
  assert.deepEqual(given.map(isNetwork), [true, true, true, false, false, false, false, false]);
});
