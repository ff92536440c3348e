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
    ["comments", "#\n".repeat(1_000_000)],
    ["documents", "---\n".repeat(1_000_000)],
    ["marks of documents in texts", "a: ---\n".repeat(10_000)],
  ];
  for (const [what, text] of rows) {
    test(`by its tokens: ${what}`, async () => {
      const rssBefore = process.memoryUsage.rss();
      await assert.rejects(readYaml(text + metadata, options), tokens);
      assert.ok(process.memoryUsage.rss() - rssBefore < 200_000_000);
    });
  }

  test("by the length of a text", async () => {
    await assert.rejects(readYaml(`a: ${"x y".repeat(1_000_000)}${metadata}`, options), {
      message: "is encrypted and has a text of 3000000 characters: the limit is 2097152 characters",
    });
  });

  test("by its depth", async () => {
    for (const text of ["- ".repeat(1_000_000), "[- ".repeat(5000), `${"[".repeat(600)}${"]".repeat(600)}`])
      await assert.rejects(readYaml(`a: ${text}${metadata}`, options), /is nested too deeply/);
  });

  test("by each document, not by their sum alone", async () => {
    const documents = `${"- a\n".repeat(5000)}---\n`.repeat(2);
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
