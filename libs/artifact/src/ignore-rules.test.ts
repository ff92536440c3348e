import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { monitorEventLoop } from "@leat/testing";
import { type IgnoreRules, ignoreRules } from "./ignore-rules.ts";

const file = (text: string, directory = "") => ({ directory, text });
const { signal } = new AbortController();

async function excludes(rules: IgnoreRules, path: string, isDirectory: boolean): Promise<boolean> {
  return (await rules.included([{ path }], isDirectory ? "directories" : "files", signal)).length === 0;
}

suite("patterns", () => {
  const rows: Array<[about: string, text: string, excluded: string, included: string]> = [
    ["a name, at any depth", "secret.txt", "secret.txt a/b/secret.txt", "secret.txt.bak a/secrettxt"],
    ["a name of a directory, with all that is in it", "tmp", "tmp tmp/a x/tmp/y/z", "tmpx"],
    ["a trailing slash: directories only", "logs/", "logs/a x/logs/b", "logs x/logs"],
    ["a leading slash: from the root", "/a.txt", "a.txt", "b/a.txt"],
    ["a slash within: from the root", "a/b", "a/b a/b/c", "x/a/b"],
    ["an asterisk: within one name", "*.md", "x.md a/b/y.md", "x.mdx md"],
    ["an asterisk between slashes", "a/*/c", "a/b/c a/b/c/d", "a/c a/b/x/c"],
    ["a question mark", "v?.yaml", "v1.yaml", "v10.yaml v.yaml"],
    ["a class of characters", "v[0-9].yaml", "v1.yaml", "va.yaml"],
    ["a negated class", "v[^0-9].yaml", "va.yaml", "v1.yaml"],
    ["an escaped character", "\\!a \\#b".replace(" ", "\n"), "!a #b", "a b"],
    ["an escaped asterisk", "a\\*", "a*", "ab"],
    ["a dot that means itself", "a.b", "a.b", "axb"],
    ["two asterisks before", "**/x", "x a/x a/b/x", "ax"],
    ["two asterisks after", "a/**", "a/b a/b/c", "b/a"],
    ["two asterisks between", "a/**/z", "a/z a/b/z a/b/c/z", "z a/b"],
    ["comments and blank lines", "# a\n\n   \nb", "b", "a '#'"],
    ["trailing spaces, which do not count", "a.txt   ", "a.txt", "b"],
    ["a trailing space that is escaped", "a\\ ", "a ".replace(" ", "\u0020"), "b"],
    ["line ends of Windows", "a.txt\r\nb.txt\r\n", "a.txt b.txt", "c.txt"],
    ["a negation after", "*.md\n!keep.md", "x.md", "keep.md a/keep.md"],
    ["a negation before, which is overruled", "!keep.md\n*.md", "keep.md", "x"],
    ["a file of an excluded directory that is taken in again", "a/\n!a/b.yaml", "a/c.yaml", "a/b.yaml"],
    ["everything but one directory", "/*\n!/deploy", "README.md src/x", "deploy/a deploy/b/c"],
    [
      "everything but one directory without its notes",
      "/*\n!/deploy\n/deploy/**/*.md",
      "src/x deploy/a.md deploy/b/c.md",
      "deploy/a.yaml",
    ],
    ["an unclosed class, which matches nothing", "a[", "", "a[ a"],
    ["a reversed range, which matches nothing", "a[z-b]", "", "ac az"],
    ["two asterisks within a name with slashes, which match nothing", "a/b**c", "", "a/bxc"],
    ["letters beyond ASCII", "ü?.md", "üñ.md", "u.md"],
  ];
  for (const [about, text, excluded, included] of rows) {
    test(about, async () => {
      const rules = ignoreRules([file(text)]);
      const paths = (list: string) =>
        list.endsWith(" ") && !list.includes("  ") && list.length === 2 ? [list] : list.split(" ").filter(Boolean);
      for (const path of paths(excluded)) assert.equal(await excludes(rules, path, false), true, `${path} is excluded`);
      for (const path of paths(included))
        assert.equal(await excludes(rules, path, false), false, `${path} is included`);
    });
  }

  test("with a trailing slash exclude the directory itself", async () => {
    assert.equal(await excludes(ignoreRules([file("logs/")]), "logs", true), true);
  });
});

suite("files of patterns", () => {
  test("count in their own directory alone", async () => {
    const rules = ignoreRules([file("/x\n*.md", "a/b")]);
    for (const path of ["a/b/x", "a/b/c/d.md"]) assert.equal(await excludes(rules, path, false), true, path);
    for (const path of ["x", "a/x", "a/b/c/x", "d.md", "a/d.md", "a/bc/d.md"])
      assert.equal(await excludes(rules, path, false), false, path);
  });

  test("are overruled by later ones", async () => {
    const rules = ignoreRules([file("*.yaml"), file("!keep.yaml", "a"), file("a/keep.yaml")]);
    assert.equal(await excludes(rules, "a/keep.yaml", false), true);
    assert.equal(await excludes(ignoreRules([file("*.yaml"), file("!keep.yaml", "a")]), "a/keep.yaml", false), false);
  });
});

suite("the defaults", () => {
  const media = ["a.jpg", "docs/b.png", "x.tar.gz", "x.zip", "c.wmv"];
  const automation = [
    ".github/workflows/x.yaml",
    ".circleci/config.yml",
    ".travis.yml",
    "a/.gitlab-ci.yml",
    "cloudbuild.yaml",
  ];
  const tools = [".goreleaser.yml", "a/.sops.yaml", "a/b/.flux.yaml"];
  const versionControl = [".gitignore", "a/.gitattributes", ".gitmodules", ".git/config"];

  test("leave out media, archives and what configures other tools", async () => {
    const rules = ignoreRules([]);
    for (const path of [...media, ...automation, ...tools, ...versionControl])
      assert.equal(await excludes(rules, path, false), true, path);
    for (const path of ["a.yaml", ".sourceignore", "github/x.yaml"])
      assert.equal(await excludes(rules, path, false), false, path);
  });

  test("vanish with the first pattern of one's own, but for version control", async () => {
    const rules = ignoreRules([file("nothing-like-it", "deep/down")]);
    for (const path of [...media, ...automation, ...tools])
      assert.equal(await excludes(rules, path, false), false, path);
    for (const path of versionControl) assert.equal(await excludes(rules, path, false), true, path);
  });

  test("stay where a file has only comments", async () => {
    assert.equal(await excludes(ignoreRules([file("# nothing\n\n")]), "a.jpg", false), true);
  });

  test("of version control can be overruled", async () => {
    assert.equal(await excludes(ignoreRules([file("!.gitignore")]), ".gitignore", false), false);
  });
});

suite("hostile patterns", () => {
  test("take linear time, and leave the event loop free", async () => {
    const paths = Array.from({ length: 2000 }, (_, index) => ({ path: `app/${"a".repeat(120)}${index}` }));
    const rules = ignoreRules([file(`${"*a".repeat(40)}*b\n`.repeat(50))]);
    using monitor = monitorEventLoop();
    assert.equal((await rules.included(paths, "files", signal)).length, 2000);
    assert.ok(monitor.worstMs() < 200, `the event loop was blocked for ${monitor.worstMs()} ms`);
  });

  test("beyond their limits are rejected", () => {
    assert.throws(() => ignoreRules([file("a".repeat(1025))]), {
      message: "an ignore pattern of 1025 characters: the limit is 1024 characters",
    });
    assert.throws(() => ignoreRules([file("a\n".repeat(1500)), file("b\n".repeat(1500))]), {
      message: "3000 ignore patterns: the limit is 2000 patterns",
    });
  });

  test("of trailing spaces are read at once", async () => {
    const rules = ignoreRules([file(`a${" ".repeat(1000)}b`)]);
    assert.equal(await excludes(rules, "a", false), false);
  });
});
