import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startCoprocess } from "./coprocess.ts";
import { ProcessError } from "./process-error.ts";

const maxUnreadBytes = 1_000_000;

suite("a coprocess", () => {
  test("answers what it is asked, in pieces of the size that is asked for", async () => {
    await using cat = await startCoprocess("/bin/cat", [], { maxUnreadBytes });
    await cat.write(Buffer.from("hello"));
    assert.equal((await cat.read(2)).toString(), "he");
    await cat.write(Buffer.from(" world"));
    assert.equal((await cat.read(9)).toString(), "llo world");
    assert.equal(cat.alive(), true);
  });

  test("takes more than a pipe holds", async () => {
    await using cat = await startCoprocess("/bin/cat", [], { maxUnreadBytes });
    const large = Buffer.alloc(500_000, "x");
    await cat.write(large);
    assert.ok((await cat.read(large.length)).equals(large));
  });

  test("that ends is told by who reads, with what it said of it", async () => {
    await using child = await startCoprocess("/bin/sh", ["-c", "printf ab; echo oops >&2"], { maxUnreadBytes });
    await assert.rejects(child.read(3), isError("ended"));
    assert.equal(child.errors(), "oops\n");
    assert.equal(child.alive(), false);
  });

  test("that writes more than it is to is ended", async () => {
    await using child = await startCoprocess("/bin/sh", ["-c", "exec yes"], { maxUnreadBytes });
    await assert.rejects(child.read(10 * maxUnreadBytes), isError("ended"));
  });

  test("is over once it is stopped", async () => {
    const cat = await startCoprocess("/bin/cat", [], { maxUnreadBytes });
    const reading = assert.rejects(cat.read(1), isError("ended"));
    await cat.stop();
    await reading;
    assert.equal(cat.alive(), false);
  });

  test("that cannot be started is told at once", async () => {
    await assert.rejects(startCoprocess("/no/such/program", [], { maxUnreadBytes }), isError("spawn"));
  });
});

function isError(kind: ProcessError["kind"]): (error: unknown) => boolean {
  return (error) => error instanceof ProcessError && error.kind === kind;
}
