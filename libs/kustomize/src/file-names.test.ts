import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { configMap, type Files, openWorkbench } from "../test/fixture.ts";
import type { Build } from "./index.ts";

const rendered = await openWorkbench();
const byBinary = await openWorkbench({ renderer: async () => undefined });
after(async () => {
  await rendered[Symbol.asyncDispose]();
  await byBinary[Symbol.asyncDispose]();
});

const unusual = ` @+(),~&#!$%^[]{};:'"\`|<>?*\\\t\n\u00a0é日\u{1f600}`;

const names = [
  ...Array.from(unusual, (character) => `a${character}b`),
  " leading",
  "trailing ",
  "a..b",
  "...",
  "-",
  "~",
  "null",
  "1e3",
  "C:",
  "e\u0301",
  "x".repeat(240),
];

suite("a build takes files and directories whatever their names", () => {
  for (const name of names) {
    test(JSON.stringify(name), async () => {
      const path = `apps/${name}`;
      const generator = {
        name: "generated",
        files: [`key=${name}/${name}.json`],
        options: { disableNameSuffixHash: true },
      };
      const files: Files = {
        [`${path}/${name}.yaml`]: configMap("manifest"),
        [`${path}/generated/kustomization.yaml`]: JSON.stringify({ configMapGenerator: [generator] }),
        [`${path}/generated/${name}/${name}.json`]: "content",
      };
      const [one, other] = await Promise.all([rendered.build(files, path), byBinary.build(files, path)]);
      assert.deepEqual(summaryOf(one), {
        generated: { data: { key: "content" }, file: `${path}/generated/kustomization.yaml` },
        manifest: { data: {}, file: `${path}/${name}.yaml` },
      });
      assert.deepEqual(summaryOf(other), summaryOf(one));
    });
  }
});

suite("what kustomize itself cannot read in the name of a file is rejected, and the next build goes on", () => {
  for (const name of ["a\u007fb", "a\u0085b"]) {
    test(JSON.stringify(name), async () => {
      const generator = { name: "generated", files: [`key=${name}`] };
      const kustomization = JSON.stringify({ configMapGenerator: [generator] });
      const build = await rendered.build(
        { "app/kustomization.yaml": kustomization, [`app/${name}`]: "content" },
        "app",
      );
      assert.equal(build.kind, "rejected");
      assert.equal((await rendered.build({ "app/a.yaml": configMap("a") }, "app")).kind, "built");
    });
  }
});

/** By name of the object: its data, and the file that it comes from. */
function summaryOf(build: Build): object | string {
  if (build.kind !== "built") return build.message;
  const objects = build.objects.map(({ object, file }) => [object.metadata.name, { data: object["data"], file }]);
  return Object.fromEntries(objects) as object;
}
