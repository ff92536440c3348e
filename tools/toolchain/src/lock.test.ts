import assert from "node:assert/strict";
import { access, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { holdLock } from "./lock.ts";

function place() {
  return mkdtempDisposable(join(tmpdir(), "leat-lock-"));
}

const options = { onWait: () => {}, signal: undefined };

suite("lock", () => {
  test("lets one in at a time, and tells the other whom it waits for", async () => {
    await using directory = await place();
    const path = join(directory.path, "lock");
    const order: string[] = [];
    const first = await holdLock(path, options);
    const waitedFor: number[] = [];
    const second = holdLock(path, { ...options, onWait: (pid) => waitedFor.push(pid) }).then((lock) => {
      order.push("second in");
      return lock;
    });
    while (waitedFor.length === 0) await new Promise(setImmediate);
    order.push("first out");
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    assert.deepEqual([order, waitedFor], [["first out", "second in"], [process.pid]]);
    await assert.rejects(access(path), /ENOENT/);
  });

  test("takes over from a process that is gone", async () => {
    await using directory = await place();
    const path = join(directory.path, "lock");
    await writeFile(path, `${2 ** 22 + 1}-1 left behind`);
    await using _lock = await holdLock(path, options);
    assert.deepEqual(await readdir(directory.path), ["lock"]);
  });

  test("stops waiting when it is cancelled", async () => {
    await using directory = await place();
    const path = join(directory.path, "lock");
    await using _lock = await holdLock(path, options);
    await assert.rejects(holdLock(path, { ...options, signal: AbortSignal.timeout(50) }), /aborted/);
  });
});
