import assert from "node:assert/strict";
import { access, mkdir, mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { identityOf, run, startService } from "@leat/process";
import { build } from "./build.ts";
import { toolchainConfig } from "../config.ts";
import type { GoSource } from "../parts.ts";

function place() {
  return mkdtempDisposable(join(tmpdir(), "leat-build-"));
}

const silent = { onProgress: () => {}, signal: undefined };

suite("building from source", () => {
  const source: GoSource = {
    from: "go",
    version: "1.0.0",
    module: "tiny",
    package: "example.org/tiny",
    variables: { "main.version": "v1.0.0" },
  };
  const { environment } = toolchainConfig();

  async function tinyModule(directory: string, body: string): Promise<string> {
    const module = join(directory, "tiny");
    await mkdir(module);
    await writeFile(join(module, "go.mod"), "module example.org/tiny\n\ngo 1.24\n");
    await writeFile(join(module, "main.go"), `package main\n\nvar version = "none"\n\nfunc main() {\n${body}\n}\n`);
    return module;
  }

  test("makes a program that knows its version, and leaves nothing else", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const target = join(directory.path, "program");
    const scratch = join(directory.path, "builds");
    await mkdir(scratch);
    await writeFile(join(scratch, "program"), "what a killed build left");
    await build(source, target, { ...silent, moduleDirectory, environment, scratch });
    assert.equal((await run(target, [], { timeoutMs: 5000 })).stderr, "v1.0.0\n");
    await assert.rejects(access(scratch), /ENOENT/);
  });

  test("ends the go of a build that was killed", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const scratch = join(directory.path, "builds");
    await mkdir(scratch);
    await using leftOver = await startService("/bin/sleep", ["60"]);
    await writeFile(join(scratch, "go"), identityOf(leftOver.pid));
    await build(source, join(directory.path, "program"), {
      moduleDirectory,
      environment,
      scratch,
      ...silent,
    });
    assert.equal(await leftOver.ended, 128);
  });

  test("fails with the compiler's message, and leaves no half program", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "nonsense()");
    const target = join(directory.path, "program");
    const scratch = join(directory.path, "builds");
    const building = build(source, target, {
      moduleDirectory,
      environment,
      scratch,
      ...silent,
    });
    await assert.rejects(building, /go build failed: [^]*undefined: nonsense/);
    await assert.rejects(access(target), /ENOENT/);
    await assert.rejects(access(scratch), /ENOENT/);
  });

  test("ends with go when it is cancelled", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    const options = {
      moduleDirectory,
      environment,
      scratch: join(directory.path, "builds"),
      onProgress: () => {},
      signal: AbortSignal.abort(),
    };
    await assert.rejects(build(source, join(directory.path, "program"), options), /cancelled|aborted/);
  });

  test("puts files of a module beside the program, and fails if there are none", async () => {
    await using directory = await place();
    const moduleDirectory = await tinyModule(directory.path, "println(version)");
    await mkdir(join(moduleDirectory, "options", "license"), { recursive: true });
    await writeFile(join(moduleDirectory, "options", "license", "MIT"), "as is");
    await writeFile(join(moduleDirectory, "options", "unwanted"), "");
    const options = { ...silent, moduleDirectory, environment, scratch: join(directory.path, "builds") };
    const beside = { module: "example.org/tiny", folder: "static" };
    const target = join(directory.path, "made", "program");
    await mkdir(join(directory.path, "made", "static", "older"), { recursive: true });
    await build({ ...source, files: { ...beside, patterns: ["options/license/**"] } }, target, options);
    const files = await readdir(join(directory.path, "made"), { recursive: true });
    assert.deepEqual(files.toSorted(), [
      "program",
      "static",
      "static/options",
      "static/options/license",
      "static/options/license/MIT",
    ]);
    await assert.rejects(
      build({ ...source, files: { ...beside, patterns: ["templates/**"] } }, target, options),
      /has no file templates/,
    );
  });
});
