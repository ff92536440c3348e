import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { formatIndex, maxIndexBytes, parseIndex } from "./part-index.ts";

const lengths = [1000, 2, 70_000];
const total = 71_002;

suite("the index of an archive", () => {
  test("is read back from the end of the archive", () => {
    const index = formatIndex(lengths);
    const end = Buffer.concat([Buffer.alloc(500, 3), index]);
    assert.deepEqual(parseIndex(end, total + index.length), lengths);
    assert.deepEqual(parseIndex(index, total + index.length), lengths);
  });

  test("is a gzip member without content", () => {
    assert.equal(gunzipSync(formatIndex(lengths)).length, 0);
  });

  test("has room for an archive of 16 GiB", () => {
    const many = Array.from({ length: 16_000 }, () => 1024 ** 2);
    const index = formatIndex(many);
    assert.ok(index.length <= maxIndexBytes);
    assert.deepEqual(parseIndex(index, 16_000 * 1024 ** 2 + index.length), many);
    assert.equal(gunzipSync(index).length, 0);
    assert.equal(formatIndex([...many, ...many]).length, 0);
    assert.equal(formatIndex([2 ** 32, 1]).length, 0);
  });

  test("that does not fit the archive is none", () => {
    const index = formatIndex(lengths);
    assert.equal(parseIndex(index, total + index.length + 1), undefined);
    for (let at = 0; at < index.length; at++) {
      const wrong = Buffer.from(index);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      assert.equal(parseIndex(wrong, total + index.length), undefined, `byte ${at}`);
      assert.equal(parseIndex(index.subarray(at + 1), total + index.length), undefined, `from ${at + 1}`);
    }
    for (const end of [Buffer.alloc(0), Buffer.alloc(30), Buffer.from("plain text".repeat(10))])
      assert.equal(parseIndex(end, end.length), undefined);
  });
});
