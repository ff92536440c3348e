import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { type FileTree, listFiles, readIgnoreRules } from "./list-files.ts";

const { signal } = new AbortController();

suite("the entries of an artifact", () => {
  const rows: Array<[about: string, files: Record<string, string>, ignore: string | undefined, expected: string]> = [
    [
      "are sorted, each directory before its contents",
      { "b/c": "", "b.a": "", "b/a/x": "", a: "" },
      undefined,
      "./ a b/ b/a/ b/a/x b/c b.a",
    ],
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
      const tree = treeOf(files);
      assert.equal(await namesIn(tree, ignore), expected);
    });
  }

  test("have the contents of their files, and nothing else is read", async () => {
    const tree = treeOf({ "b.yaml": "b", "a.yaml": "a", "c.md": "c" });
    const { entries, read } = await listFiles(tree, await readIgnoreRules(tree, "*.md", signal), signal);
    const files = entries.filter((entry) => entry.kind === "file");
    const contents: string[] = [];
    for await (const content of read(files, signal))
      contents.push(Buffer.concat(await Array.fromAsync(content)).toString());
    assert.deepEqual(
      [contents, tree.wasRead],
      [
        ["a", "b"],
        ["a.yaml", "b.yaml"],
      ],
    );
  });

  test("include directories that have no files", async () => {
    const tree = { ...treeOf({ a: "" }), directories: ["b/c"] };
    assert.equal(await namesIn(tree), "./ a b/ b/c/");
  });

  test("are not listed if a .sourceignore file is too large", async () => {
    const tree = treeOf({ "a/.sourceignore": "x".repeat(1024 * 1024 + 1) });
    await assert.rejects(readIgnoreRules(tree, undefined, signal), (error) => {
      assert(error instanceof Fault);
      assert.deepEqual(
        [error.reason, error.message],
        ["LimitExceeded", "a/.sourceignore of 1048577 bytes: the limit is 1048576 bytes"],
      );
      return true;
    });
  });
});

async function namesIn(tree: FileTree, ignore?: string): Promise<string> {
  const { entries } = await listFiles(tree, await readIgnoreRules(tree, ignore, signal), signal);
  return entries.map(({ kind, path }) => path + (kind === "directory" ? "/" : "")).join(" ");
}

function treeOf(texts: Record<string, string>): FileTree & { wasRead: string[] } {
  const wasRead: string[] = [];
  return {
    wasRead,
    files: Object.entries(texts).map(([path, text]) => ({
      kind: "file",
      path,
      isExecutable: false,
      size: Buffer.byteLength(text),
      id: text,
    })),
    directories: [],
    read: async function* read(files) {
      for (const { path } of files) {
        wasRead.push(path);
        yield once(Buffer.from(texts[path] ?? ""));
      }
    },
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
