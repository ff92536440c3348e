/** Aggregated APIs whose own server does not respond, by an answer of the API server that the test makes. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiUnavailable } from "./api-error.ts";
import { createDiscovery } from "./discovery.ts";
import type { Transport } from "./transport.ts";

suite("an API that is down", () => {
  const rows: Array<[apiVersion: string, kind: string, expected: "served" | "unknown" | "unavailable"]> = [
    ["down.example.com/v1beta1", "Thing", "unavailable"],
    ["down.example.com/v1", "Thing", "unavailable"],
    ["down.example.com/v1", "Other", "served"],
    ["up.example.com/v1", "Thing", "unknown"],
    ["v1", "Thing", "unknown"],
  ];
  for (const [apiVersion, kind, expected] of rows) {
    test(`${kind} of ${apiVersion} is ${expected}`, async () => {
      const { resourceOf } = createDiscovery(transportOf(groups));
      const asked = resourceOf(apiVersion, kind);
      if (expected === "unavailable") {
        await assert.rejects(asked, (error) => {
          assert.ok(error instanceof ApiUnavailable);
          assert.match(
            error.message,
            /down\.example\.com\/v1beta1 is unavailable.*APIService v1beta1\.down\.example\.com/,
          );
          return true;
        });
      } else assert.equal((await asked)?.kind, expected === "served" ? kind : undefined);
    });
  }
});

const groups = [
  {
    metadata: { name: "down.example.com" },
    versions: [
      { version: "v1beta1", freshness: "Stale" },
      { version: "v1", freshness: "Current", resources: [resource("Other")] },
    ],
  },
  {
    metadata: { name: "up.example.com" },
    versions: [{ version: "v1", freshness: "Current", resources: [resource("Other")] }],
  },
];

function resource(kind: string): object {
  return { resource: `${kind.toLowerCase()}s`, responseKind: { kind }, scope: "Namespaced" };
}

function transportOf(items: readonly object[]): Transport {
  return {
    send: async ({ path }) => {
      const list = { kind: "APIGroupDiscoveryList", items: path === "/apis" ? items : [] };
      return { code: 200, text: JSON.stringify(list) };
    },
    stream: () => Promise.reject(new Error("nothing is streamed")),
    [Symbol.asyncDispose]: async () => {},
  };
}
