import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { unitTests } from "./unit-tests.ts";

const files = {
  "package.json": "{}",
  "tools/t.test.ts": "",
  "libs/a/package.json": "{}",
  "libs/a/src/pure.test.ts": `import { b } from "./b.ts";\nconst text = 'import "./gone.ts"';`,
  "libs/a/src/b.ts": `import type { Test } from "./pure.test.ts";`,
  "libs/a/src/deep/server.test.ts": `import { startGitServer } from "@leat/testing";`,
  "libs/a/src/own.test.ts": `import { startControlPlane } from "@leat/testing";\nawait startControlPlane();`,
  "libs/a/src/shared.test.ts": `import {\n  open,\n} from "../test/setting.ts";`,
  "libs/a/test/setting.ts": "export const open = () => sharedControlPlane();",
  "test/package.json": "{}",
  "test/behaviour/ready.test.ts": `const harness = await sharedHarness();`,
};

test("unit tests are those that reach no control plane, by their package", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "leat-unit-tests-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  const tests = Object.keys(files).filter((path) => path.endsWith(".test.ts"));
  assert.deepEqual(
    await unitTests(directory.path, tests),
    new Map([
      ["", ["tools/t.test.ts"]],
      ["libs/a", ["libs/a/src/pure.test.ts", "libs/a/src/deep/server.test.ts"]],
    ]),
  );
});
