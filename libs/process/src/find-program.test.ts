import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { suite, test } from "node:test";
import { findProgram } from "./index.ts";

suite("a program is found", () => {
  test("by its path, whatever is there", async () => {
    assert.equal(await findProgram("/opt/kustomize"), "/opt/kustomize");
    assert.equal(await findProgram("./kustomize", "/bin"), "./kustomize");
  });

  test("in the first directory that has an executable of that name", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-find-program-"));
    await writeFile(join(directory.path, "tool"), "", { mode: 0o755 });
    await writeFile(join(directory.path, "sh"), "not executable");
    const searchPath = ["", "/no/such/directory", directory.path, "/bin"].join(delimiter);
    assert.equal(await findProgram("tool", searchPath), join(directory.path, "tool"));
    assert.equal(await findProgram("sh", searchPath), "/bin/sh");
  });

  test("nowhere else", async () => {
    assert.equal(await findProgram("no-such-program", "/bin:/usr/bin"), undefined);
    assert.equal(await findProgram("sh"), undefined);
  });
});
