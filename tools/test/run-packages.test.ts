import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { cacheText, runPackages } from "./run-packages.ts";

suite("the total of packages", () => {
  test("counts what nx has run, and what it has put back from its cache", async () => {
    const total = await totalOf({ "libs/a": report({ passed: 3 }), "libs/b": report({ passed: 4, finishedAt: 1 }) });
    assert.partialDeepStrictEqual(total, { passed: 7, failed: 0, unchanged: 1, passedBefore: 4 });
    assert.equal(
      cacheText(total, 2),
      "unit tests of 1 packages were run, of 1 unchanged packages taken from the cache (4 passed before)",
    );
  });

  test("shows the durations of what was run", async () => {
    const durations = [{ file: "libs/a/src/a.test.ts", ms: 5 }];
    const total = await totalOf({ "libs/a": report({ durations }), "libs/b": report({ durations, finishedAt: 1 }) });
    assert.deepEqual(total.durations, durations);
  });

  test("has the failures", async () => {
    const total = await totalOf({ "libs/a": report({ failed: 2 }), "libs/b": report({ passed: 1 }) }, { exitCode: 1 });
    assert.partialDeepStrictEqual(total, { passed: 1, failed: 2 });
  });

  test("has a failure for a package whose tests did not come to their end", async () => {
    const total = await totalOf({ "libs/a": report({ passed: 1 }), "libs/b": undefined });
    assert.partialDeepStrictEqual(total, { passed: 1, failed: 1, empty: ["libs/b"] });
  });

  test("has a failure if nx fails for another reason", async () => {
    const total = await totalOf({ "libs/a": report({ passed: 1 }) }, { exitCode: 1 });
    assert.partialDeepStrictEqual(total, { passed: 1, failed: 1 });
  });

  test("has nothing of an earlier run", async () => {
    await using directory = await place({ "libs/a": undefined });
    await mkdir(join(directory.path, ".nx/tests/libs/a"), { recursive: true });
    await writeFile(join(directory.path, ".nx/tests/libs/a/report.json"), report({ passed: 9 }));
    const total = await run(directory.path, ["libs/a"]);
    assert.partialDeepStrictEqual(total, { passed: 0, failed: 1 });
  });
});

function report(values: object): string {
  const nothing = { passed: 0, failed: 0, skipped: 0, empty: [], durations: [], finishedAt: Date.now() + 60_000 };
  return JSON.stringify({ ...nothing, ...values });
}

async function totalOf(reports: Record<string, string | undefined>, { exitCode = 0 } = {}) {
  await using directory = await place(reports, exitCode);
  return await run(directory.path, Object.keys(reports));
}

function run(root: string, folders: readonly string[]) {
  const { signal } = new AbortController();
  return runPackages(folders, { root, env: { PATH: process.env["PATH"] }, signal, output: new PassThrough() });
}

/** A repository with a program in place of nx, which writes reports. */
async function place(reports: Record<string, string | undefined>, exitCode = 0) {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-run-packages-"));
  const lines = Object.entries(reports).flatMap(([folder, text]) =>
    text === undefined ? [] : [`mkdir -p .nx/tests/${folder}`, `echo '${text}' > .nx/tests/${folder}/report.json`],
  );
  const program = ["#!/bin/sh", ...lines, `exit ${exitCode}`].join("\n");
  await mkdir(join(directory.path, "node_modules/.bin"), { recursive: true });
  await writeFile(join(directory.path, "node_modules/.bin/nx"), program, { mode: 0o700 });
  return directory;
}
