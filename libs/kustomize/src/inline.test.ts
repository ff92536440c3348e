import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { configMap, type Files, openWorkbench } from "../test/fixture.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

suite("patches and plugins as text are bounded together", () => {
  const list = `[${"1,".repeat(1_000)}1]`;
  const patch = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${list}\n`;
  const asText = (text: string, indent: string) => `- |\n${indent}${text.trimEnd().replaceAll("\n", `\n${indent}`)}\n`;
  const patches = Array.from({ length: 40 }, (_, index) => patch(`p${index}`));
  const plugin = (text: string, name: string) =>
    `apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata: {name: ${name}}\npaths:\n${asText(text, "  ")}`;
  const plugins = patches.map((text, index) => plugin(text, `t${index}`));
  const rows: Array<[where: string, files: Files]> = [
    ["in a list of patches", { "app/kustomization.yaml": `patchesStrategicMerge:\n${inList(patches)}` }],
    ["in a list of plugins", { "app/kustomization.yaml": `transformers:\n${inList(plugins)}` }],
    [
      "in plugins of a file",
      { "app/kustomization.yaml": "transformers: [t.yaml]\n", "app/t.yaml": plugins.join("---\n") },
    ],
  ];
  for (const [where, files] of rows) {
    test(where, async () => {
      const all = { ...files, "app/cm.yaml": configMap("cm", { a: "1" }) };
      await assert.rejects(bench.build(all, "app"), {
        message: /kustomization\.yaml with up to .* values in entries of text: the limit is 30000/,
      });
    });
  }

  function inList(texts: readonly string[]): string {
    return texts.map((text) => asText(text, "  ")).join("");
  }
});
