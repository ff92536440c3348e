import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import type { Path } from "@leat/apply";
import { fieldChanges } from "./field-changes.ts";
import { createMask } from "./mask.ts";

const object = (content: object, kind = "ConfigMap"): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "one" },
  ...content,
});

function changes(current: KubeObject, applied: KubeObject, paths: Path[], secrets: string[] = []) {
  return fieldChanges({ current, applied, paths }, createMask(secrets), secrets);
}

suite("a changed field", () => {
  test("is named as people write it, items of lists by their names", () => {
    const containers = [{ name: "web", image: "a" }, { image: "b" }];
    const one = object({ spec: { containers }, data: { "nginx.conf": "x" } });
    const paths = [
      ["spec", "containers", "0", "image"],
      ["spec", "containers", "1", "image"],
      ["data", "nginx.conf"],
    ];
    for (const applied of [one, object({})]) {
      assert.deepEqual(
        changes(one, applied, paths).map(({ path }) => path),
        ["spec.containers[web].image", "spec.containers[1].image", 'data["nginx.conf"]'],
      );
    }
  });

  test("has nothing before where it comes, and nothing after where it goes or is taken away", () => {
    const [here, there] = [object({ data: { a: "1" } }), object({})];
    const path = [["data", "a"]];
    assert.deepEqual(changes(there, here, path), [{ path: "data.a", after: "1" }]);
    assert.deepEqual(changes(here, there, path), [{ path: "data.a", before: "1" }]);
    assert.deepEqual(changes(here, here, path), [{ path: "data.a", before: "1" }]);
  });

  test("of a Secret tells only that it differs", () => {
    const paths = [
      ["data", "a"],
      ["data", "b"],
    ];
    const [current, applied] = [
      object({ data: { a: "MQ==" } }, "Secret"),
      object({ data: { a: "Mg==", b: "" } }, "Secret"),
    ];
    assert.deepEqual(changes(current, applied, paths), [
      { path: "data.a", before: "***", after: "***" },
      { path: "data.b", after: "***" },
    ]);
  });

  test("of a Secret does not show what kubectl has noted of it, with values of before", () => {
    const key = "kubectl.kubernetes.io/last-applied-configuration";
    const noted = { metadata: { name: "one", annotations: { [key]: '{"data":{"a":"b2xkLXZhbHVl"}}' } } };
    const [current, applied] = [object(noted, "Secret"), object({}, "Secret")];
    assert.deepEqual(
      changes(current, applied, [["metadata", "annotations"]]).map(({ before }) => before),
      [{ [key]: "***" }],
    );
  });

  test("does not show the secret that was there before, where one is put in", () => {
    const data = (url: string) => object({ data: { url, list: ["plain", url] } });
    const paths = [
      ["data", "url"],
      ["data", "list"],
    ];
    assert.deepEqual(changes(data("u:old-secret@h"), data("u:new-secret@h"), paths, ["new-secret"]), [
      { path: "data.url", before: "***", after: "u:***@h" },
      { path: "data.list", before: ["plain", "***"], after: ["plain", "u:***@h"] },
    ]);
  });

  test("does not show a secret that is known from elsewhere, in base64 neither", () => {
    const encoded = Buffer.from("known-secret").toString("base64");
    const [current, applied] = [object({ data: { a: "x known-secret", b: encoded, n: 1 } }), object({ data: {} })];
    const mask = createMask(["known-secret"]);
    const paths = [
      ["data", "a"],
      ["data", "b"],
      ["data", "n"],
    ];
    assert.deepEqual(
      fieldChanges({ current, applied, paths }, mask, []).map(({ before }) => before),
      ["x ***", "***", 1],
    );
  });

  for (const pin of [123456, 42, true, "ab"]) {
    test(`hides ${JSON.stringify(pin)}, which a secret has become`, () => {
      const [current, applied] = [object({ data: {} }), object({ data: { pin, other: "about" } })];
      const paths = [
        ["data", "pin"],
        ["data", "other"],
      ];
      assert.deepEqual(changes(current, applied, paths, [String(pin)]), [
        { path: "data.pin", after: "***" },
        { path: "data.other", after: "about" },
      ]);
    });
  }
});
