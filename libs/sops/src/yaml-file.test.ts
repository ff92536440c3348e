import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { monitorEventLoop } from "@leat/testing";
import { readYaml } from "./yaml-file.ts";

const options = { isLeft: () => false, signal: new AbortController().signal };
const metadata = "\nsops:\n  mac: ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]\n";

suite("an encrypted YAML file is bounded before it is read", () => {
  const tokens = {
    reason: "LimitExceeded",
    message: /^is encrypted and has (a document of )?more than \d+ tokens of YAML: the limit is \d+ tokens$/,
  };
  const rows: Array<[what: string, text: string]> = [
    ["elements", `a: [${"1,".repeat(1_000_000)}1]`],
    ["nesting", "[".repeat(2_000_000)],
    ["comments", "#\n".repeat(1_000_000)],
    ["documents", "---\n".repeat(1_000_000)],
    ["lists in lists", "- ".repeat(1_000_000)],
    ["marks of documents in texts", "a: ---\n".repeat(10_000)],
  ];
  for (const [what, text] of rows) {
    test(`by its tokens: ${what}`, async () => {
      const rssBefore = process.memoryUsage.rss();
      await assert.rejects(readYaml(text + metadata, options), tokens);
      assert.ok(process.memoryUsage.rss() - rssBefore < 200_000_000);
    });
  }

  test("by its depth", async () => {
    await assert.rejects(readYaml("- ".repeat(15_000) + metadata, options), /nested too deeply|not valid YAML/);
  });

  test("by each document, not by their sum alone", async () => {
    const documents = `${"- a\n".repeat(6000)}---\n`.repeat(2);
    assert.deepEqual((await readYaml(documents + metadata, options)).parts.length, 1);
  });

  test("and has long values and deep mappings without cost", async () => {
    using monitor = monitorEventLoop();
    await readYaml(`a: |\n${"  some, text\n".repeat(150_000)}${metadata}`, options);
    const deep = Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}k:`).join("\n");
    await readYaml(`${deep} x${metadata}`, options);
    assert.ok(monitor.worstMs() < 500, `the event loop was blocked for ${monitor.worstMs()} ms`);
  });
});
