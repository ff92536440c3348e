import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { run } from "@leat/process";
import type { Total } from "./run-files.ts";

suite("the total of a run", () => {
  const cases: Array<[given: string, source: string, total: Partial<Total>]> = [
    [
      "counts tests, not suites",
      `suite("s", () => { test("a", () => {}); test("b", () => {}); });`,
      { passed: 2, failed: 0 },
    ],
    [
      "counts what fails",
      `test("a", () => {}); test("b", () => { throw new Error("no"); });`,
      { passed: 1, failed: 1 },
    ],
    [
      "counts what is skipped apart",
      `test("a", { skip: true }, () => {}); test("b", () => {});`,
      { passed: 1, skipped: 1 },
    ],
    ["fails where a file does not load", `throw new Error("no");`, { passed: 0, failed: 1 }],
    ["fails where a file has no test", `export {};`, { passed: 0, failed: 1, empty: ["given.test.ts"] }],
  ];
  for (const [given, source, expected] of cases) {
    test(given, async () => {
      const total = await totalOf(source);
      assert.partialDeepStrictEqual(total, expected);
    });
  }
});

test("only tests with a matching name run", async () => {
  const total = await totalOf(`test("wanted", () => {}); test("other", () => { throw new Error("no"); });`, "^wanted$");
  assert.partialDeepStrictEqual(total, { passed: 1, failed: 0 });
});

/** In a process of its own, as a runner that is started from within a test runs nothing. */
async function totalOf(source: string, namePattern?: string): Promise<Total> {
  await using directory = await mkdtempDisposable(join(tmpdir(), "leat-run-files-"));
  await writeFile(
    join(directory.path, "given.test.ts"),
    `import { suite, test } from "node:test";\n${source}\nexport { suite };`,
  );
  const script = join(directory.path, "run.ts");
  await writeFile(
    script,
    `import { runFiles } from ${JSON.stringify(join(import.meta.dirname, "run-files.ts"))};
     const { signal } = new AbortController();
     const options = { root: import.meta.dirname, namePattern: process.argv[2], env: {}, signal, output: process.stderr };
     console.log(JSON.stringify(await runFiles(["given.test.ts"], options)));`,
  );
  const args = namePattern === undefined ? [script] : [script, namePattern];
  const { stdout, stderr } = await run(process.execPath, args, { timeoutMs: 30_000 });
  assert.notEqual(stdout.length, 0, stderr);
  return JSON.parse(stdout.toString()) as Total;
}
