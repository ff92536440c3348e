/** Artifacts that have parts in common, against a real store and its server. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Artifact } from "@leat/api";
import { archiveOf, assertFault, startWorld, type World } from "./fixtures/cache-world.ts";
import type { ArtifactFiles, UnpackLimits } from "./index.ts";
import { formatIndex } from "./part-index.ts";

const { signal } = new AbortController();

suite("an artifact in parts", () => {
  /** One part for each letter. */
  const textsOf = (letters: string) =>
    Object.fromEntries(letters.split("").map((letter) => [`${letter.toLowerCase()}/large`, letter.repeat(1_500_000)]));
  const opened = async (cache: World["cache"], artifact: Artifact) => {
    const answer = await cache.open(artifact, signal);
    assert(answer.kind === "opened");
    return answer;
  };
  const read = async ({ files, directories, read: contentOf }: ArtifactFiles) => ({
    files: await Promise.all([...files].map(async ([path, { digest }]) => [path, digest, await contentOf(path)])),
    directories: [...directories],
  });

  test("has the same files, whether others have parts of it or not", async () => {
    await using world = await startWorld();
    await using fresh = await world.newCache({});
    const held = await opened(world.cache, await world.publish(textsOf("abcd")));
    for (const letters of ["abcd", "abCd", "bcd", "abcde", "d", "dcba"]) {
      const artifact = await world.publish(textsOf(letters));
      await using shared = await opened(world.cache, artifact);
      await using own = await opened(fresh, artifact);
      await fresh.release(artifact);
      assert.deepEqual(await read(shared.contents), await read(own.contents), letters);
    }
    await held[Symbol.asyncDispose]();
  });

  test("takes of its predecessor what both have, and gives it back with the last of them", async () => {
    await using world = await startWorld();
    const [first, second] = [await world.publish(textsOf("abcd")), await world.publish(textsOf("abCd"))];
    await using held = await opened(world.cache, first);
    const before = await world.cached();
    assert.equal(before.length, 4);
    await world.cache.release(first, second);
    await using other = await opened(world.cache, second);
    const after = await world.cached();
    assert.deepEqual([after.length, after.filter((name) => before.includes(name)).length], [5, 4]);
    await held[Symbol.asyncDispose]();
    assert.equal((await world.cached()).length, 4);
    await world.cache.release(second);
    await other[Symbol.asyncDispose]();
    assert.deepEqual(await world.cached(), []);
  });

  test("finds its predecessor though nobody uses it, and though one between them was never opened", async () => {
    await using world = await startWorld();
    const [first, between, last] = [
      await world.publish(textsOf("abcd")),
      await world.publish(textsOf("abCd")),
      await world.publish(textsOf("aBcd")),
    ];
    await (await opened(world.cache, first))[Symbol.asyncDispose]();
    const before = await world.cached();
    await world.cache.release(first, between);
    await rm(join(world.storage, between.path));
    assert.equal((await world.cache.open(between, signal)).kind, "missing");
    await world.cache.release(between, last);
    assert.deepEqual(await world.cached(), before);
    await using _ = await opened(world.cache, last);
    const after = await world.cached();
    assert.deepEqual([after.length, after.filter((name) => before.includes(name)).length], [4, 3]);
  });

  test("takes space for what it does not share", async () => {
    await using world = await startWorld({ space: { bytes: 12_000_000, entries: 100_000 } });
    await using held = await opened(world.cache, await world.publish(textsOf("abcd")));
    await using other = await opened(world.cache, await world.publish(textsOf("abCd")));
    await assertFault(world.cache.open(await world.publish(textsOf("ABCD")), signal), /not enough space/);
    assert.equal(held.contents.files.size, other.contents.files.size);
  });

  test("is not counted as much larger than one that is not divided", async () => {
    await using world = await startWorld({ space: { bytes: 100_000_000, entries: 1000 } });
    await using large = await opened(world.cache, await world.publish(textsOf("abcde")));
    assert.equal(large.contents.files.size, 5);
  });

  const limits = { maxBytes: 7_000_000, maxEntries: 8, maxDepth: 5 };
  const tooMuch: Array<[about: string, letters: string, limits: UnpackLimits, expected: RegExp]> = [
    ["bytes", "abcde", limits, /too large when unpacked/],
    ["entries", "abcde", { ...limits, maxBytes: 10_000_000 }, /too many entries/],
  ];
  for (const [about, letters, limit, expected] of tooMuch) {
    test(`counts the ${about} of parts that others have`, async () => {
      await using world = await startWorld({ limits: limit });
      const held = await opened(world.cache, await world.publish(textsOf("abcd")));
      const artifact = await world.publish(textsOf(letters));
      await assertFault(world.cache.open(artifact, signal), expected);
      await held[Symbol.asyncDispose]();
    });
  }

  type Forge = (archive: Buffer) => Buffer[];
  const forged: Array<[about: string, forge: Forge, expected: RegExp]> = [
    ["has a part twice", (archive) => [archive, archive], /duplicate entry "a"/],
    ["has a part without entries", (archive) => [archive, gzipSync(Buffer.alloc(1024))], /a part without entries/],
    [
      "has parts that are not whole entries",
      (archive) =>
        [gunzipSync(archive).subarray(0, 700), gunzipSync(archive).subarray(700)].map((part) => gzipSync(part)),
      /not a valid archive/,
    ],
    ["has parts that are not compressed", (archive) => [archive, Buffer.from("plain")], /not a valid archive/],
  ];
  for (const [about, forge, expected] of forged) {
    test(`that ${about} is rejected`, async () => {
      await using world = await startWorld();
      const parts = forge(await archiveOf([{ name: "a" }]));
      const index = formatIndex(parts.map(({ length }) => length));
      await assertFault(world.cache.open(await world.serve(Buffer.concat([...parts, index])), signal), expected);
      assert.deepEqual(await world.cached(), []);
    });
  }
});
