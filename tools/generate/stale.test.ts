import assert from "node:assert/strict";
import { appendFile, mkdtempDisposable, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { generatedFiles } from "./files.ts";
import { mark } from "./mark.ts";
import { refresh, staleBelow } from "./stale.ts";

const root = join(import.meta.dirname, "../..");

suite("generated files", () => {
  const files = generatedFiles(root);
  const [first = "", second = ""] = files.keys();

  async function generated() {
    const directory = await mkdtempDisposable(join(tmpdir(), "leat-generate-"));
    await refresh(directory.path, [...files.keys()], files);
    return directory;
  }

  test("are the same each time", () => assert.deepEqual(generatedFiles(root), files));

  test("all say that they are generated", () => {
    for (const [path, content] of files) assert.ok(content.includes("Made by `npm run generate` from "), path);
  });

  test("are up to date once written", async () => {
    await using directory = await generated();
    assert.deepEqual(await staleBelow(directory.path, files), []);
  });

  test("are stale where absent or changed, each by its name", async () => {
    await using directory = await generated();
    await rm(join(directory.path, first));
    await appendFile(join(directory.path, second), "\n");
    assert.deepEqual(await staleBelow(directory.path, files), [first, second]);
  });

  test("are stale where nothing makes them any more, and go away", async () => {
    await using directory = await generated();
    await writeFile(join(directory.path, "docs/reference/gone.md"), `<!-- ${mark} -->\n`);
    const stale = await staleBelow(directory.path, files);
    assert.deepEqual(stale, ["docs/reference/gone.md"]);
    await refresh(directory.path, stale, files);
    assert.deepEqual(await staleBelow(directory.path, files), []);
  });

  test("leave pages alone that people wrote", async () => {
    await using directory = await generated();
    const page = join(directory.path, "docs/reference/by-hand.md");
    await writeFile(page, "# By hand\n");
    assert.deepEqual(await staleBelow(directory.path, files), []);
    assert.equal(await readFile(page, "utf8"), "# By hand\n");
  });
});
