import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { openPrivateDirectory } from "@leat/testing";
import { run } from "@leat/process";
import type { Files } from "./entry.ts";
import { directoryEntry, fileEntry, filesOf, pieces, readFrom } from "./fixtures/files.ts";
import { writeContent } from "./write-content.ts";
import { endOfTar, writeTar } from "./write-tar.ts";

const { signal } = new AbortController();
const deep = `${"directory/".repeat(30)}file.yaml`;
const files: Record<string, string> = {
  "a.yaml": "a: 1\n",
  empty: "",
  block: "x".repeat(512),
  "ümläut/ß.yaml": "ä",
  [deep]: "deep",
};

suite("an archive", () => {
  test("contains the same for each reader", async () => {
    await using place = await openPrivateDirectory();
    const archive = join(place.path, "a.tar");
    await writeFile(archive, await tarOf(inRoot(files)));
    assert.deepEqual(await readBack(archive), files);
    const listed = await run("/bin/tar", ["-tf", archive], { timeoutMs: 10_000, env: { LC_ALL: "C.UTF-8" } });
    assert.equal(listed.exitCode, 0, listed.stderr);
    assert.deepEqual(listed.stdout.toString().trim().split("\n"), [".", ...Object.keys(files)]);
  });

  test("carries no times and no owners, and three modes", async () => {
    await using place = await openPrivateDirectory();
    const archive = join(place.path, "a.tar");
    const texts = filesOf({ "d/plain": "1", "d/program": "2" });
    const [plain, program] = texts.entries;
    assert(plain && program);
    const entries = [directoryEntry("d"), plain, { ...program, isExecutable: true }];
    await writeFile(archive, await tarOf({ ...texts, entries }));
    const seen: unknown[] = [];
    for await (const entry of createReadStream(archive).pipe(extract())) {
      const { name, mode, mtime, uid, gid, type } = entry.header;
      seen.push([name, mode?.toString(8), mtime?.getTime(), uid, gid, type]);
      entry.resume();
    }
    assert.deepEqual(seen, [
      ["d", "750", 0, 0, 0, "directory"],
      ["d/plain", "600", 0, 0, 0, "file"],
      ["d/program", "700", 0, 0, 0, "file"],
    ]);
  });

  test("is the same for the same entries, however their bytes come", async () => {
    await using place = await openPrivateDirectory();
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => Math.floor(Math.sin(index) * 1000)).join());
    const entries = [{ ...fileEntry("large", ""), size: large.length }];
    const digests = await Promise.all(
      [17_000, 65_536, large.length].map((size) => {
        const content = { kind: "files", entries, read: readFrom(() => pieces(large, size)) } as const;
        return writeContent(join(place.path, String(size)), content, { algorithm: "sha256" }, signal);
      }),
    );
    assert.equal(new Set(digests.map(({ digest }) => digest)).size, 1);
  });

  test("has a digest that is pinned: another one would be a new artifact for every user", async () => {
    const tar = await tarOf(inRoot(files));
    assert.equal(await sha256(tar), "0d44d60beaa1cf615fbdbf0cf76b332d6d49fb1e122050d408974d0e6bb525b1");
  });

  for (const said of [3, 5]) {
    test(`fails where a file of 4 bytes is said to have ${said}`, async () => {
      const wrong = { ...filesOf({ a: "1234" }), entries: [{ ...fileEntry("a", "1234"), size: said }] };
      await assert.rejects(tarOf(wrong), /a is not [35] bytes long/);
    });
  }
});

async function sha256(bytes: Buffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toString("hex");
}

function inRoot(texts: Record<string, string>): Files {
  const { entries, read } = filesOf(texts);
  return { entries: [directoryEntry("."), ...entries], read };
}

async function tarOf({ entries, read }: Files): Promise<Buffer> {
  const contents = read(
    entries.filter((entry) => entry.kind === "file"),
    signal,
  )[Symbol.asyncIterator]();
  const contentOf = async () => (await contents.next()).value as AsyncIterable<Uint8Array>;
  return Buffer.concat([...(await Array.fromAsync(writeTar(entries, contentOf))), endOfTar]);
}

async function readBack(archive: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const reader = extract();
  const reading = pipeline(createReadStream(archive), reader);
  for await (const entry of reader) {
    const bytes = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>));
    if (entry.header.type === "file") texts[entry.header.name] = bytes.toString();
  }
  await reading;
  return texts;
}
