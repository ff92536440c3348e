import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { GitProgram } from "./git-program.ts";
import { listTree, readCommit } from "./tree.ts";

const id = "a".repeat(40);
const { signal } = new AbortController();

/** Git that writes the same pieces, however many of them are read. */
function place(pieces: () => Iterable<string>, size = 100) {
  const finished = { exitCode: 0, stdout: Buffer.from(`${size}\n`), stderr: "" };
  const git: GitProgram = {
    run: async () => finished,
    stream: async function* stream() {
      for (const piece of pieces()) yield Buffer.from(piece);
    },
  };
  return { git, directory: "", options: { timeoutMs: 1, signal } };
}

suite("the tree of a commit", () => {
  test("is read in any pieces", async () => {
    const text = `100644 blob ${id}    1234\ta/ü.yaml\u0000120000 blob ${id}       4\tlink\u0000160000 commit ${id}       -\tm\0`;
    const bytes = Buffer.from(text);
    const { git, ...rest } = place(() => []);
    const stream: GitProgram["stream"] = async function* stream() {
      for (const byte of bytes) yield Buffer.of(byte);
    };
    assert.deepEqual(await listTree({ git: { ...git, stream }, ...rest }, id), [
      { kind: "file", path: "a/ü.yaml", id, size: 1234 },
      { kind: "symlink", path: "link", id, size: 4 },
      { kind: "submodule", path: "m", id, size: 0 },
    ]);
  });

  test("with too many files is given up while it is listed", async () => {
    let pieces = 0;
    const endless = place(function* endless() {
      for (;;) {
        pieces += 1;
        yield `100644 blob ${id}\t${"d/".repeat(20)}f\0`.repeat(10_000);
      }
    });
    await assert.rejects(listTree(endless, id), {
      reason: "LimitExceeded",
      message: "the files of the repository: the limit is 500000 files",
    });
    assert.ok(pieces < 60);
  });

  test("with too long a path is rejected", async () => {
    const long = place(() => [`100644 blob ${id}\t${"d/".repeat(3000)}`]);
    await assert.rejects(listTree(long, id), /a path in the repository: the limit is 4096 characters/);
  });
});

suite("a commit object", () => {
  test("that is too large is not read", async () => {
    const large = place(() => assert.fail("it is read"), 200_000_000);
    await assert.rejects(readCommit(large, id), {
      reason: "LimitExceeded",
      message: "a commit object of 200000000 bytes: the limit is 1048576 bytes",
    });
  });

  test("has a subject of limited length", async () => {
    const text = `tree ${id}\n\n${"x".repeat(5000)}\nbody`;
    const { subject } = await readCommit(
      place(() => [`${id} commit ${text.length}\n${text}\n`]),
      id,
    );
    assert.equal(subject, "x".repeat(1024));
  });
});
