import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { longestTurnMs, turnLimitMs } from "@leat/testing";
import { jsonManifests } from "./manifests.ts";
import { readObjects } from "./objects.ts";

const { signal } = new AbortController();

function textOf(...objects: object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}

function read(text: string) {
  return readObjects(jsonManifests(text, []), { directory: "app", keepOrigins: false, signal });
}

function configMap(data: unknown): object {
  const annotations = { "config.kubernetes.io/origin": "path: large.yaml\n" };
  return { apiVersion: "v1", data, kind: "ConfigMap", metadata: { annotations, name: "one" } };
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

suite("an object that a build makes has a limit", () => {
  const rows: Array<[what: string, data: unknown, message: string]> = [
    [
      "by its length",
      "x".repeat(4_000_000),
      "an object (path: large.yaml) of 4000141 characters: the limit is 3145728 characters",
    ],
    [
      "by its values",
      Array.from({ length: 120_000 }, () => 1),
      "ConfigMap one with more than 60000 values: the limit is 60000 values",
    ],
    ["by its depth", nested(600), "ConfigMap one with more than 500 levels: the limit is 500 levels"],
  ];
  for (const [what, data, message] of rows) {
    test(what, () => assert.rejects(read(textOf(configMap(data))), { reason: "LimitExceeded", message }));
  }
});

test("objects at the limit are read in turns", async () => {
  const data = Object.fromEntries(Array.from({ length: 58_000 }, (_, index) => [`k${index}`, "v"]));
  const text = textOf(configMap(data), configMap({ a: "1" }));
  assert.equal((await read(text)).objects.length, 2);
  const ms = await longestTurnMs(() => read(text));
  assert.ok(ms < turnLimitMs(), `blocked for ${ms} ms`);
});
