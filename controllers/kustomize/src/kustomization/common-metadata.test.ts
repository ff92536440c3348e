import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { builtObject } from "@leat/kustomize";
import { withCommonMetadata } from "./common-metadata.ts";
import { configMap } from "./fixtures/build.ts";

suite("common metadata", () => {
  const rows: Array<[own: object, common: object, becomes: object]> = [
    [{}, { labels: { a: "1" } }, { labels: { a: "1" } }],
    [{ labels: { a: "0", b: "0" } }, { labels: { a: "1" } }, { labels: { a: "1", b: "0" } }],
    [{ labels: null }, { labels: { a: "1" }, annotations: {} }, { labels: { a: "1" } }],
    [{ labels: { a: "1" } }, { annotations: { c: "2" } }, { labels: { a: "1" }, annotations: { c: "2" } }],
  ];
  for (const [own, common, becomes] of rows) {
    test(`${JSON.stringify(common)} on ${JSON.stringify(own)}`, () => {
      const before = builtObject(configMap("one", {}, own), { file: "one.yaml" });
      const after = withCommonMetadata(before, common);
      assert.deepEqual(after.object, configMap("one", {}, becomes));
      assert.equal(after.file, "one.yaml");
      assert.notEqual(after.digest, before.digest);
    });
  }

  test("that an object has already leaves it the very same", () => {
    const before = builtObject(configMap("one", {}, { labels: { a: "1", b: "2" } }));
    assert.equal(withCommonMetadata(before, { labels: { a: "1" }, annotations: {} }), before);
  });
});
