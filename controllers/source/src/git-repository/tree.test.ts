/** On commits of a real repository. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createGit } from "@leat/git";
import { createHttpPool } from "@leat/http";
import { type FileContent, openPrivateDirectory, startGitServer } from "@leat/testing";
import { listFiles } from "../artifact/list-files.ts";
import { treeOf } from "./tree.ts";

const { signal } = new AbortController();

suite("the entries of a commit", () => {
  const rows: Array<[about: string, files: Record<string, FileContent>, ignore: string | undefined, expected: string]> =
    [
      [
        "are sorted, each directory before what is in it",
        { "b/c": "", "b.a": "", "b/a/x": "", a: "" },
        undefined,
        "./ a b/ b/a/ b/a/x b/c b.a",
      ],
      [
        "are files and directories, no links and no submodules",
        { a: "", link: { symlink: "a" }, sub: { submodule: "e".repeat(40) } },
        undefined,
        "./ a sub/",
      ],
      ["say which files can be run", { "run.sh": { executable: "#!" } }, undefined, "./ run.sh*"],
      [
        "leave out what is ignored by default",
        { ".gitignore": "", ".github/x": "", "a.png": "", "a.yaml": "" },
        undefined,
        "./ a.yaml",
      ],
      [
        "obey .sourceignore in its directory",
        { ".sourceignore": "*.md", "a.md": "", "b.png": "", "c/.sourceignore": "/x", "c/x": "", x: "" },
        undefined,
        "./ .sourceignore b.png c/ c/.sourceignore x",
      ],
      [
        "obey spec.ignore before .sourceignore",
        { ".sourceignore": "*.md", "a.md": "", "b.txt": "" },
        "!a.md\n*.txt",
        "./ .sourceignore a.md",
      ],
      ["keep directories whose files are all ignored", { "a/x.md": "", "b/y": "" }, "*.md", "./ a/ b/ b/y"],
      ["may be nothing but the root", { a: "" }, "*", "./"],
    ];
  for (const [about, files, ignore, expected] of rows) {
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
      const seen: string[] = [];
      for await (const entry of listFiles(treeOf(fetched.commit), ignore, signal)) {
        seen.push(entry.path + (entry.kind === "directory" ? "/" : entry.isExecutable ? "*" : ""));
        if (entry.kind === "file") await Array.fromAsync(entry.content);
      }
      assert.equal(seen.join(" "), expected);
    });
  }
});
