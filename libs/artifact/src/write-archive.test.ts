import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { run } from "@leat/process";
import { openPrivateDirectory, type Random, randomFrom } from "@leat/testing";
import type { Files } from "./entry.ts";
import { directoryEntry, fileEntry, pieces } from "./fixtures/files.ts";
import { parseIndex } from "./part-index.ts";
import { type DividedArchive, writeArchive } from "./write-archive.ts";

const { signal } = new AbortController();

suite("an archive in parts", () => {
  test("is the same as one that is written at once, whatever was written before", async () => {
    await using place = await openPrivateDirectory();
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = randomFrom(seed);
    const sizes = new Map(Array.from({ length: 300 }, () => [pathFrom(random), sizeFrom(random)]));
    let former: DividedArchive | undefined;
    for (let round = 0; round < 8; round++) {
      const files = filesOfSizes(sizes);
      const written = await write(files, former);
      assert.ok(written.bytes.equals((await write(files, undefined)).bytes), `seed ${seed}, round ${round}`);
      const path = join(place.path, String(round));
      await writeFile(path, written.bytes);
      former = { path, parts: written.parts };
      for (let edits = round % 4; edits >= 0; edits--) edit(sizes, random);
    }
  });

  test("reads nothing of the parts that it copies", async () => {
    await using place = await openPrivateDirectory();
    const sizes = new Map(Array.from({ length: 300 }, (_, index) => [`f${index}`, 50_000]));
    const path = join(place.path, "a");
    const first = await write(filesOfSizes(sizes), undefined);
    await writeFile(path, first.bytes);
    const files = filesOfSizes(sizes.set("f7", 50_001));
    const { parts } = await write(files, { path, parts: first.parts });
    assert.ok(files.wasRead.includes("f7"));
    assert.ok(files.wasRead.length < 150, `${files.wasRead.length} of 300 files`);
    assert.ok(parts.size > 3);
  });

  test("is unpacked by tar, and its index lists its parts", async () => {
    await using place = await openPrivateDirectory();
    const sizes = new Map(Array.from({ length: 100 }, (_, index) => [`d/f${index}`, 50_000]));
    const files = filesOfSizes(sizes);
    const { bytes, parts } = await write(files, undefined);
    const path = join(place.path, "a.tar.gz");
    await writeFile(path, bytes);
    const unpacked = await run("/bin/tar", ["-xzf", path, "-C", place.path], { timeoutMs: 10_000 });
    assert.equal(unpacked.exitCode, 0, unpacked.stderr);
    for (const [name, size] of sizes) assert.ok(contentOf(name, size).equals(await readFile(join(place.path, name))));
    const lengths = [...parts.values()].map(({ length }) => length);
    assert.deepEqual(parseIndex(bytes, bytes.length), lengths);
    assert.ok(lengths.length > 1);
  });

  test("of little has one part, and no index", async () => {
    const { bytes, parts } = await write(filesOfSizes(new Map([["a", 900_000]])), undefined);
    assert.equal(parts.size, 1);
    assert.equal(parseIndex(bytes, bytes.length), undefined);
    assert.ok(gunzipSync(bytes).length > 900_000);
  });

  test("fails if a part is not in the former archive as it was", async () => {
    await using place = await openPrivateDirectory();
    const files = filesOfSizes(new Map(Array.from({ length: 100 }, (_, index) => [`f${index}`, 50_000])));
    const { bytes, parts } = await write(files, undefined);
    const path = join(place.path, "a");
    await writeFile(path, bytes.subarray(0, 100_000));
    await assert.rejects(write(files, { path, parts }), /is truncated/);
  });
});

async function write(files: Files, former: DividedArchive | undefined) {
  const { bytes, parts } = writeArchive(files, former, signal);
  return { bytes: Buffer.concat(await Array.fromAsync(bytes)), parts };
}

/** Files whose content follows from their path and size, in the order of their paths. */
function filesOfSizes(sizes: ReadonlyMap<string, number>): Files & { wasRead: string[] } {
  const wasRead: string[] = [];
  const paths = [...sizes.keys()].toSorted();
  const files = paths.map((path) => ({ ...fileEntry(path, `${path} ${sizes.get(path)}`), size: sizes.get(path) ?? 0 }));
  return {
    wasRead,
    entries: [directoryEntry("."), ...files],
    read: async function* read(wanted) {
      for (const { path, size } of wanted) {
        wasRead.push(path);
        yield pieces(contentOf(path, size));
      }
    },
  };
}

function contentOf(path: string, size: number): Buffer {
  return createHash("shake256", { outputLength: size }).update(path).digest();
}

function edit(sizes: Map<string, number>, random: Random): void {
  const path = random.pick([...sizes.keys()]);
  const kind = random.below(3);
  if (kind === 0) sizes.delete(path);
  else sizes.set(kind === 1 ? pathFrom(random) : path, sizeFrom(random));
}

function pathFrom({ pick, below }: Random): string {
  return `${pick(["a", "b", "c", "d"])}/${below(100_000)}`;
}

/** Most are small, some are larger than a part. */
function sizeFrom({ below }: Random): number {
  return below(below(200) === 0 ? 3_000_000 : 20_000);
}
