import assert from "node:assert/strict";
import { test } from "node:test";
import { createAgentPool } from "./agents.ts";
import type { ConnectionIdentity } from "./connection-identity.ts";

test("connections are kept for the same server and certificates, and replaced for a new CA, certificate or proxy", async () => {
  await using pool = createAgentPool({ connections: 2, proxies: () => undefined });
  const identity: ConnectionIdentity = {
    server: "https://127.0.0.1:1/base/",
    tls: { ca: "one" },
    headers: { authorization: "Bearer a" },
  };
  const first = pool.for(identity);
  assert.deepEqual([first.origin, first.basePath], ["https://127.0.0.1:1", "/base"]);
  assert.equal(
    pool.for({ ...identity, headers: { authorization: "Bearer b" } }),
    first,
    "a new token needs no connection",
  );
  const replaced = [
    pool.for({ ...identity, tls: { ca: "two" } }),
    pool.for({ ...identity, tls: { ca: "two", cert: "c", key: "k" } }),
    pool.for({ ...identity, proxyUrl: "http://127.0.0.1:2" }),
  ];
  assert.equal(new Set([first, ...replaced]).size, 4);
});
