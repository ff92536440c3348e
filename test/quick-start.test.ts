import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "@leat/process";
import { openPrivateDirectory } from "@leat/testing";

const manifest = join(import.meta.dirname, "../package.json");

test("npm start without installed packages says to run npm ci", async () => {
  await using directory = await openPrivateDirectory();
  await copyFile(manifest, join(directory.path, "package.json"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: directory.path };
  const options = { cwd: directory.path, env, timeoutMs: 60_000 };
  const { exitCode, stderr } = await run("npm", ["start", "--silent", "--offline"], options);
  assert.deepEqual([exitCode, stderr], [1, "Run `npm ci` first.\n"]);
});
