import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { divide } from "./divide.ts";
import type { Entry } from "./entry.ts";
import { directoryEntry, fileEntry } from "./fixtures/files.ts";

const { signal } = new AbortController();
const entries: Entry[] = Array.from({ length: 5000 }, (_, index) =>
  file(`dir-${index >> 5}/file-${index}.yaml`, 10_000),
);

suite("dividing an archive", () => {
  test("gives parts of similar size, that have all entries in their order", async () => {
    const parts = await divide(entries, signal);
    assert.deepEqual(
      parts.flatMap((part) => part.entries),
      entries,
    );
    const lengths = parts.map((part) => part.entries.length);
    assert.ok(Math.max(...lengths) < 800 && Math.min(...lengths.slice(0, -1)) >= 100, lengths.join());
    assert.deepEqual(
      parts.filter(({ isLast }) => isLast),
      [parts.at(-1)],
    );
  });

  test("has boundaries that are pinned: others would be a new artifact for every user", async () => {
    const parts = await divide(entries, signal);
    assert.deepEqual(
      parts.slice(0, 12).map((part) => part.entries.length),
      [136, 149, 182, 264, 130, 210, 118, 182, 158, 118, 147, 168],
    );
  });

  const changed = entries[2500];
  assert(changed);
  const rows: Array<[about: string, changed: Entry[]]> = [
    ["another content", [{ ...changed, id: "other" } as Entry]],
    ["another size", [{ ...changed, size: 12_345 } as Entry]],
    ["another mode", [{ ...changed, isExecutable: true } as Entry]],
    ["another name", [{ ...changed, path: "other" }]],
    ["another kind", [directoryEntry(changed.path)]],
    ["a file less", []],
    ["a file more", [changed, file("more", 5000)]],
    ["a large file more", [changed, file("more", 50_000_000)]],
  ];
  for (const [about, replacement] of rows) {
    test(`by ${about}, most parts stay the same`, async () => {
      const before = new Set((await divide(entries, signal)).map(({ identity }) => identity));
      const after = await divide(entries.toSpliced(2500, 1, ...replacement), signal);
      const others = after.filter(({ identity }) => !before.has(identity));
      assert.ok(others.length >= 1 && others.length <= 4, `${others.length} of ${after.length} parts`);
    });
  }

  test("gives one part for few bytes, and for nothing", async () => {
    for (const few of [[], entries.slice(0, 90)]) assert.equal((await divide(few, signal)).length, 1);
  });

  test("distinguishes the last part, which has the end of the archive", async () => {
    const [only] = await divide(entries.slice(0, 1), signal);
    const [other] = await divide([file("dir-0/file-0.yaml", 10_000), file("z", 50_000_000)], signal);
    assert.notEqual(only?.identity, other?.identity);
  });
});

function file(path: string, size: number): Entry {
  return { ...fileEntry(path, path), size };
}
