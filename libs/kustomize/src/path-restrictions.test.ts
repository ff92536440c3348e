import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { configMap, type Files, openWorkbench } from "../test/fixture.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

// Outside of every repository and inside the reach of the builder; as a patch it would fit the ConfigMap of the tests.
const outside = join(bench.directory, "outside.yaml");
await writeFile(outside, configMap("cm", { secret: "hunter2" }));
await writeFile(join(bench.directory, "kustomization.yaml"), "resources: [outside.yaml]");

const kustomization = (fields: string): Files => ({ "app/kustomization.yaml": fields, "app/cm.yaml": configMap("cm") });

/** Each way in which a field can name a file; `PATH` is the file. */
const fileFields: Array<[field: string, fields: string, named: string]> = [
  ["resources", "resources: [cm.yaml, PATH]", "resources[1]"],
  ["bases", "bases: [PATH]", "bases[0]"],
  ["crds", "crds: [PATH]", "crds[0]"],
  ["configurations", "configurations: [PATH]", "configurations[0]"],
  ["patches", "patches: [{patch: ''}, {path: PATH}]", "patches[1].path"],
  ["patches in another case", "Patches: [{Path: PATH}]", "patches[0].path"],
  ["patches with a long s", "patcheſ: [{path: PATH}]", "patches[0].path"],
  ["patchesStrategicMerge", "patchesStrategicMerge: [PATH]", "patchesStrategicMerge[0]"],
  ["patchesJson6902", "patchesJson6902: [{path: PATH}]", "patchesJson6902[0].path"],
  ["replacements", "replacements: [{path: PATH}]", "replacements[0].path"],
  ["configMapGenerator files", "configMapGenerator: [{name: g, files: [PATH]}]", "configMapGenerator[0].files[0]"],
  [
    "configMapGenerator files with a key",
    "configMapGenerator: [{name: g, files: [k=PATH]}]",
    "configMapGenerator[0].files[0]",
  ],
  ["configMapGenerator envs", "configMapGenerator: [{name: g, envs: [PATH]}]", "configMapGenerator[0].envs[0]"],
  ["configMapGenerator env", "configMapGenerator: [{name: g, env: PATH}]", "configMapGenerator[0].env"],
  ["secretGenerator files", "secretGenerator: [{name: g, FILES: [PATH]}]", "secretGenerator[0].files[0]"],
  ["openapi", "openapi: {path: PATH}", "openapi.path"],
  ["generators", "generators: [PATH]", "generators[0]"],
  ["transformers", "transformers: [PATH]", "transformers[0]"],
  ["validators", "validators: [PATH]", "validators[0]"],
  ...inlinePlugins(),
];

suite("a file outside of the repository is not read", () => {
  const places: Array<[how: string, path: string]> = [
    ["..", "../../outside.yaml"],
    ["a way in and out again", "sub/../../../outside.yaml"],
    ["an absolute path", outside],
  ];
  for (const [field, fields, named] of fileFields) {
    for (const [how, path] of places) {
      test(`by ${field} with ${how}`, async () => {
        const message = await rejectionOf(kustomization(fields.replace("PATH", path)));
        assert.ok(message.startsWith(`app/kustomization.yaml: ${named} refers to ${path}, which `), message);
        assert.match(message, /leads outside the repository|is an absolute path/);
      });
    }
  }
  for (const entry of [`file://${outside}`, `FILE://${outside}`, `git::file://${outside}`]) {
    test(`by ${entry.replace(outside, "...")}`, async () => {
      assert.match(await rejectionOf(kustomization(`resources: [${entry}]`)), /resources\[0\] is a file: URL/);
    });
  }
});

suite("a directory outside of the repository is not built", () => {
  for (const field of ["resources", "bases", "components", "generators", "transformers", "validators"]) {
    for (const path of ["../..", "../../", bench.directory]) {
      test(`by ${field} with ${path === bench.directory ? "an absolute path" : path}`, async () => {
        const message = await rejectionOf(kustomization(`${field}: ["${path}"]`));
        assert.match(message, /leads outside the repository|is an absolute path/);
      });
    }
  }
  test("by a component of the overlay", async () => {
    const build = await bench.build(kustomization("resources: [cm.yaml]"), "app", { components: ["../.."] });
    assert.ok(build.kind === "rejected" && /spec\.components\[0\] refers to \.\.\/\.\./.test(build.message));
  });
});

suite("a text that is a patch or an object is never taken for a path", () => {
  // Cleaned as a path, each of these ends outside of the repository.
  const escape = `a: b/${"../".repeat(20)}${outside.slice(1)}`;
  for (const field of ["patchesStrategicMerge", "transformers", "generators"]) {
    test(field, async () => {
      const build = await bench.build(kustomization(`resources: [cm.yaml]\n${field}: ["${escape}"]`), "app");
      assert.ok(build.kind === "rejected" && !build.message.includes("hunter2"), JSON.stringify(build));
    });
  }
});

suite("nothing is fetched from elsewhere where that is not permitted", () => {
  const entries = [
    "https://example.invalid/a.yaml",
    "HTTP://example.invalid/a.yaml",
    "github.com/owner/repository",
    "git@example.invalid:owner/repository",
    "ssh://git@example.invalid/owner/repository",
    "git::https://example.invalid/owner/repository",
  ];
  for (const entry of entries) {
    test(entry, async () => {
      await using closed = await openWorkbench({ noRemoteBases: true });
      const build = await closed.build(kustomization(`resources: ["${entry}"]`), "app");
      assert.ok(
        build.kind === "rejected" && /resources\[0\] refers to .*--no-remote-bases/.test(build.message),
        JSON.stringify(build),
      );
    });
  }
  test("and a password in such an address is not repeated", async () => {
    await using closed = await openWorkbench({ noRemoteBases: true });
    const build = await closed.build(kustomization("resources: ['https://me:hunter2@example.invalid/a.yaml']"), "app");
    assert.ok(build.kind === "rejected" && !build.message.includes("hunter2"));
  });
  test("nor for plugins, where it is permitted", async () => {
    const message = await rejectionOf(kustomization("transformers: ['https://example.invalid/t.yaml']"));
    assert.match(message, /plugin configuration must be in the repository/);
  });
});

function inlinePlugins(): typeof fileFields {
  const rows = [
    ["PatchTransformer", "path: PATH", "path"],
    ["PatchTransformer", "PATH: PATH", "path"],
    ["PatchJson6902Transformer", "path: PATH", "path"],
    ["PatchStrategicMergeTransformer", "paths: [PATH]", "paths[0]"],
    ["ReplacementTransformer", "replacements: [{path: PATH}]", "replacements[0].path"],
    ["ValueAddTransformer", "targetFilePath: PATH", "targetFilePath"],
    ["ConfigMapGenerator", "files: [PATH]", "files[0]"],
    ["SecretGenerator", "envs: [k=PATH]", "envs[0]"],
  ] as const;
  return rows.map(([kind, config, named]) => [
    `an inline ${kind}`,
    `transformers: ["{apiVersion: builtin, kind: ${kind}, metadata: {name: p}, ${config.replace("PATH: ", "Path: ").replace("k=", "")}}"]`,
    `transformers[0].${named}`,
  ]);
}

async function rejectionOf(files: Files): Promise<string> {
  const build = await bench.build(files, "app");
  assert.ok(build.kind === "rejected", JSON.stringify(build));
  assert.ok(!build.message.includes("hunter2"), build.message);
  return build.message;
}
