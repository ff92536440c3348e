import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readLines, withStallLimit } from "./lines.ts";

suite("lines of a stream", () => {
  const text = `{"a":"ä€😀"}\n{"b":1}\n\n{"c":2}\n`;
  const whole = [`{"a":"ä€😀"}`, `{"b":1}`, `{"c":2}`];
  const bytes = Buffer.from(text);

  for (const size of [1, 2, 3, 7, bytes.length]) {
    test(`are the same in chunks of ${size} bytes`, async () => {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      assert.deepEqual(await linesOf(chunks), whole);
    });
  }

  test("leave out the one that a broken connection has cut", async () => {
    assert.deepEqual(await linesOf([Buffer.from(`{"a":1}\n{"b"`)]), [`{"a":1}`]);
  });

  test("end with a fault where one never ends", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    await assert.rejects(linesOf(Array.from({ length: 70 }, () => megabyte)), { reason: "WatchBroken" });
  });
});

test("a stream that falls silent ends with a fault, also where its end never comes", async () => {
  const silent = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<Buffer>>(() => {}),
      return: () => new Promise<IteratorResult<Buffer>>(() => {}),
    }),
  };
  await assert.rejects(async () => {
    for await (const _ of withStallLimit(silent, () => 20)) assert.fail("something came");
  }, /no data for 20 ms/);
});

async function linesOf(chunks: Buffer[]): Promise<string[]> {
  async function* stream() {
    yield* chunks;
  }
  return (await Array.fromAsync(readLines(stream()))).flat();
}
