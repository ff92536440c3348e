/** On commits of a real repository. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createGit } from "@leat/git";
import { createHttpPool } from "@leat/http";
import { type FileContent, openPrivateDirectory, startGitServer } from "@leat/testing";
import { listFiles, readIgnoreRules } from "../artifact/list-files.ts";
import { treeOf } from "./tree.ts";

const { signal } = new AbortController();

suite("the entries of a commit", () => {
  const rows: Array<[about: string, files: Record<string, FileContent>, expected: string]> = [
    [
      "are files and directories, no links and no submodules",
      { a: "", link: { symlink: "a" }, "sub/module": { submodule: "e".repeat(40) } },
      "./ a sub/ sub/module/",
    ],
    ["include a directory with nothing but a link in it", { a: "", "d/link": { symlink: "a" } }, "./ a d/"],
    ["mark executable files", { "run.sh": { executable: "#!" } }, "./ run.sh*"],
    ["are chosen by .sourceignore", { ".sourceignore": "*.md", "a.md": "", "b/c": "" }, "./ .sourceignore b/ b/c"],
  ];
  for (const [about, files, expected] of rows) {
    test(about, async () => {
      await using server = await startGitServer();
      await using place = await openPrivateDirectory();
      await using connections = createHttpPool();
      const git = await createGit({ cacheDirectory: join(place.path, "git"), connections });
      const repository = await server.createRepository("app");
      await repository.commit(files);
      const remote = { url: repository.url, timeoutMs: 20_000 };
      const found = await git.resolve(remote, { branch: "main" }, signal);
      assert(found.kind === "found");
      const fetched = await git.fetch(remote, found, "app", signal);
      assert(fetched.kind === "fetched");
      const tree = await treeOf(fetched.commit, signal);
      const rules = await readIgnoreRules(tree, undefined, signal);
      const { entries } = await listFiles(tree, rules, signal);
      const seen = entries.map(
        (entry) => entry.path + (entry.kind === "directory" ? "/" : entry.isExecutable ? "*" : ""),
      );
      assert.equal(seen.join(" "), expected);
    });
  }
});
