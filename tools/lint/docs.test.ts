import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { suite, test } from "node:test";
import { run } from "@leat/process";
import { findDialect } from "./vocabulary.ts";

const root = join(import.meta.dirname, "../..");

const described = await tracked("*.md", "charts/**", ":!docs/contributing/style.md");
const pages = await tracked("*.md", ":!docs/reference");

suite("docs and the chart", () => {
  for (const file of described) {
    test(`${file} uses standard terms`, async () => {
      const text = await readFile(join(root, file), "utf8");
      const found = findDialect(text).map(({ index, found: words, instead }) => {
        const line = text.slice(0, index).split("\n").length;
        return `${file}:${line} "${words}" is not a standard term: ${instead}`;
      });
      assert.deepEqual(found, []);
    });
  }
});

suite("links in docs", () => {
  for (const file of pages) {
    test(`${file}: lead to files and headings that exist`, async () => {
      for (const target of linksIn(await readFile(join(root, file), "utf8"))) {
        const [path = "", heading] = target.split("#");
        const linked = path === "" ? file : normalize(join(dirname(file), path));
        assert.ok(existsSync(join(root, linked)), target);
        if (heading === undefined) continue;
        assert.ok(headingsIn(await readFile(join(root, linked), "utf8")).includes(heading), target);
      }
    });
  }
});

async function tracked(...patterns: string[]): Promise<string[]> {
  const { stdout } = await run("git", ["-C", root, "ls-files", "--", ...patterns], {
    env: { PATH: process.env["PATH"] ?? "" },
    timeoutMs: 10_000,
  });
  return stdout.toString().trim().split("\n");
}

/** Targets of relative links. */
function linksIn(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```/gm, "");
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** Anchors, as GitHub makes them. */
function headingsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
