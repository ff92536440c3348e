import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { type Needs, needsOf, selectFiles } from "./select-files.ts";

const files = {
  "libs/b/src/b.test.ts": "",
  "libs/a/src/a.test.ts": `import { sharedControlPlane } from "@leat/testing";`,
  "libs/a/node_modules/c/c.test.ts": "",
  "libs/ab/src/ab.test.ts": "",
  "test/behaviour/cross/ready.test.ts": `const harness = await sharedHarness();`,
  "test/chart/values.test.ts": `import { eventually } from "@leat/testing";`,
  "test/architecture.test.ts": "",
  "libs/a/src/a.ts": "",
};

suite("selecting", () => {
  const cases: Array<[given: string, paths: string[], selected: string[]]> = [
    [
      "nothing → all, unit tests first, behaviour last",
      [],
      [
        "libs/a/src/a.test.ts",
        "libs/ab/src/ab.test.ts",
        "libs/b/src/b.test.ts",
        "test/architecture.test.ts",
        "test/chart/values.test.ts",
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

  test("a path without tests is rejected by its name", async () => {
    await using directory = await tree();
    await assert.rejects(selectFiles(directory.path, ["libs/a", "libs/x"]), {
      message: "There are no tests in libs/x.",
    });
  });
});

suite("what files need", () => {
  const cases: Array<[given: string, files: string[], needs: Needs]> = [
    [
      "nothing, where they import nothing for tests",
      ["libs/b/src/b.test.ts", "test/architecture.test.ts"],
      { binaries: false, controlPlane: false, stack: false },
    ],
    [
      "a control plane, where one imports testing",
      ["libs/b/src/b.test.ts", "libs/a/src/a.test.ts"],
      { binaries: true, controlPlane: true, stack: false },
    ],
    [
      "binaries, where they span packages",
      ["test/chart/values.test.ts"],
      { binaries: true, controlPlane: false, stack: false },
    ],
    [
      "a stack, where one asks for it",
      ["test/behaviour/cross/ready.test.ts"],
      { binaries: true, controlPlane: false, stack: true },
    ],
  ];
  for (const [given, paths, needs] of cases) {
    test(given, async () => {
      await using directory = await tree();
      assert.deepEqual(await needsOf(directory.path, paths), needs);
    });
  }
});

async function tree() {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-select-files-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  return directory;
}
