import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtempDisposable, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { run } from "@leat/process";
import { localFiles } from "./local-files.ts";
import { createLocalSources } from "./local-source.ts";

const environment = { PATH: process.env["PATH"] ?? "" };
const signal = new AbortController().signal;

async function directoryWith(files: Record<string, string>) {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-local-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  return directory;
}

async function git(root: string, ...args: string[]): Promise<void> {
  const env = { ...environment, HOME: root, GIT_CONFIG_GLOBAL: "/dev/null" };
  const { exitCode, stderr } = await run("git", ["-C", root, ...args], { env, timeoutMs: 30_000 });
  assert.equal(exitCode, 0, stderr);
}

const pathsOf = ({ files }: { files: ReadonlyMap<string, unknown> }) => [...files.keys()].toSorted();

suite("the files of a directory", () => {
  test("are those that an artifact of it has", async () => {
    await using directory = await directoryWith({
      "app/one.yaml": "one",
      "app/docs/read.md": "",
      "app/.sourceignore": "docs\n",
      "logo.png": "",
      ".git/config": "",
    });
    await symlink("one.yaml", join(directory.path, "app/link.yaml"));
    const found = await localFiles(directory.path, { ignore: undefined, environment, signal });
    assert.deepEqual(pathsOf(found), ["app/.sourceignore", "app/one.yaml", "logo.png"]);
    assert.deepEqual([...found.directories], ["app"]);
    const digest = createHash("sha256").update("one").digest("hex");
    assert.deepEqual({ ...found.files.get("app/one.yaml") }, { size: 3, digest });
    assert.equal((await found.read("app/one.yaml")).toString(), "one");
  });

  test("leave out what they are told to", async () => {
    await using directory = await directoryWith({ "a.yaml": "", "b.yaml": "" });
    const found = await localFiles(directory.path, { ignore: "b.yaml", environment, signal });
    assert.deepEqual(pathsOf(found), ["a.yaml"]);
  });

  test("are those that Git would commit, in a work tree", async () => {
    await using directory = await directoryWith({
      "a.yaml": "",
      "new.yaml": "",
      "gone.yaml": "",
      "local/secret.yaml": "",
      ".gitignore": "local\n",
    });
    await git(directory.path, "init", "--quiet");
    await git(directory.path, "add", "a.yaml", "gone.yaml");
    await rm(join(directory.path, "gone.yaml"));
    const found = await localFiles(directory.path, { ignore: undefined, environment, signal });
    assert.deepEqual(pathsOf(found), ["a.yaml", "new.yaml"]);
  });
});

suite("a local directory", () => {
  test("is part of the work tree that it is in", async () => {
    await using directory = await directoryWith({ ".git/HEAD": "", "apps/shop/one.yaml": "", "base/two.yaml": "" });
    const locals = createLocalSources({ environment, signal });
    const source = await locals.directory(join(directory.path, "apps/shop"));
    assert.equal(source.path, "apps/shop");
    assert.deepEqual(pathsOf(source.files), ["apps/shop/one.yaml", "base/two.yaml"]);
    assert.equal((await locals.within(directory.path, "./base")).files, source.files);
  });

  test("that is none is rejected", async () => {
    await using directory = await directoryWith({ file: "" });
    const { directory: open } = createLocalSources({ environment, signal });
    await assert.rejects(open(join(directory.path, "file")), /is not a directory/);
    await assert.rejects(open(join(directory.path, "nothing")), /does not exist/);
  });
});
