import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpPool } from "./index.ts";

test("the same settings share a client, other ones do not", async () => {
  await using pool = createHttpPool();
  using first = pool.lease({ ca: "a" });
  using second = pool.lease({ ca: "a", proxy: undefined });
  using other = pool.lease({ ca: "a", proxy: "http://127.0.0.1:1" });
  using none = pool.lease();
  assert.equal(first.http, second.http);
  assert.equal(new Set([first.http, other.http, none.http]).size, 3);
});

test("a client is kept while it is used, and dropped after those that were used later", async () => {
  await using pool = createHttpPool({ limit: 2 });
  using held = pool.lease({ ca: "held" });
  const { http: dropped } = releasing(pool.lease({ ca: "1" }));
  const { http: kept } = releasing(pool.lease({ ca: "2" }));
  assert.equal(pool.lease({ ca: "held" }).http, held.http);
  assert.equal(pool.lease({ ca: "2" }).http, kept);
  assert.notEqual(pool.lease({ ca: "1" }).http, dropped);
});

test("a proxy of the settings wins over that of the pool", async () => {
  await using pool = createHttpPool({ proxies: ({ protocol }) => `http://for-${protocol.slice(0, -1)}/` });
  assert.equal(pool.proxyFor("https://git.example/"), "http://for-https/");
  assert.equal(pool.proxyFor("https://git.example/", { proxy: "http://own/" }), "http://own/");
});

function releasing<Lease extends Disposable>(lease: Lease): Lease {
  lease[Symbol.dispose]();
  return lease;
}
