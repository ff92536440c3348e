import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { needCluster, selectFiles } from "./select-files.ts";

const files = {
  "libs/b/src/b.test.ts": "",
  "libs/a/src/a.test.ts": `import { sharedControlPlane } from "@leat/testing";`,
  "libs/a/node_modules/c/c.test.ts": "",
  "libs/ab/src/ab.test.ts": "",
  "test/behaviour/cross/ready.test.ts": `import { world } from "./world.ts";`,
  "test/architecture.test.ts": "",
  "libs/a/src/a.ts": "",
};

suite("selecting", () => {
  const cases: Array<[given: string, paths: string[], selected: string[]]> = [
    [
      "nothing → all, unit tests first",
      [],
      [
        "libs/a/src/a.test.ts",
        "libs/ab/src/ab.test.ts",
        "libs/b/src/b.test.ts",
        "test/architecture.test.ts",
        "test/behaviour/cross/ready.test.ts",
      ],
    ],
    ["a folder → what is below it", ["libs/a"], ["libs/a/src/a.test.ts"]],
    ["a folder with a slash at its end → the same", ["libs/a/"], ["libs/a/src/a.test.ts"]],
    ["a file → that file", ["test/architecture.test.ts"], ["test/architecture.test.ts"]],
  ];
  for (const [given, paths, selected] of cases) {
    test(given, async () => {
      await using directory = await tree();
      assert.deepEqual(await selectFiles(directory.path, paths), selected);
    });
  }

  test("a path without tests is refused by its name", async () => {
    await using directory = await tree();
    await assert.rejects(selectFiles(directory.path, ["libs/a", "libs/x"]), {
      message: "There are no tests in libs/x.",
    });
  });
});

test("a cluster is needed where a file imports testing, and for what spans packages", async () => {
  await using directory = await tree();
  assert.equal(await needCluster(directory.path, ["libs/b/src/b.test.ts", "test/architecture.test.ts"]), false);
  assert.equal(await needCluster(directory.path, ["libs/a/src/a.test.ts"]), true);
  assert.equal(await needCluster(directory.path, ["test/behaviour/cross/ready.test.ts"]), true);
});

async function tree() {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-select-files-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  return directory;
}
