import assert from "node:assert/strict";
import { glob, mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { importsOf } from "./architecture/imports.ts";
import { violationsIn } from "./architecture/rules.ts";
import { type Package, readWorkspace } from "./architecture/workspace.ts";

test("this repository keeps to its layers, manifests and public surfaces", async () => {
  const packages = await readWorkspace(join(import.meta.dirname, ".."));
  assert.ok(packages.length > 10, "the workspace was not read");
  assert.ok(packages.flatMap(({ files }) => files).length > 50, "the sources were not read");
  assert.deepEqual(violationsIn(packages), []);
});

test("libs/apply serves any applier: it names neither kustomize nor helm", async () => {
  const directory = join(import.meta.dirname, "../libs/apply/src");
  const files = await Array.fromAsync(glob("**/*.ts", { cwd: directory, exclude: ["**/*.test.ts"] }));
  assert.ok(files.length > 30, "the sources were not read");
  for (const file of files) {
    assert.doesNotMatch(await readFile(join(directory, file), "utf8"), /kustomiz|\bhelm/i, file);
  }
});

suite("a violation names both ends", () => {
  const cases: Array<[given: string, packages: Package[], violation: string]> = [
    [
      "an import against the layers",
      [
        tree("@leat/git", "tool", { uses: ["@leat/controller"], imports: ["@leat/controller"] }),
        tree("@leat/controller", "runtime"),
      ],
      "@leat/git (layer:tool) must not use @leat/controller (layer:runtime)",
    ],
    [
      "a manifest against the layers, without any import",
      [tree("@leat/api", "api", { uses: ["@leat/kube"] }), tree("@leat/kube", "tool")],
      "@leat/api (layer:api) must not use @leat/kube (layer:tool)",
    ],
    [
      "a controller that imports another",
      [tree("@leat/a", "controller", { uses: ["@leat/b"], imports: ["@leat/b"] }), tree("@leat/b", "controller")],
      "@leat/a (layer:controller) must not use @leat/b (layer:controller)",
    ],
    [
      "testing at run time",
      [tree("@leat/kube", "tool", { uses: ["@leat/testing"] }), tree("@leat/testing", "testing")],
      "@leat/kube (layer:tool) must not use @leat/testing (layer:testing)",
    ],
    [
      "an import of a house package that the manifest does not list",
      [tree("@leat/kube", "tool", { imports: ["@leat/log"] }), tree("@leat/log", "base")],
      "libs/kube/src/file.ts imports @leat/log, which is not in the dependencies of @leat/kube",
    ],
    [
      "an import of a library that the manifest does not list",
      [tree("@leat/kube", "tool", { imports: ["undici"] })],
      "libs/kube/src/file.ts imports undici, which is not in the dependencies of @leat/kube",
    ],
    [
      "a devDependency imported outside tests",
      [tree("@leat/kube", "tool", { usesInTests: ["undici"], imports: ["undici"] })],
      "libs/kube/src/file.ts imports undici, which is not in the dependencies of @leat/kube",
    ],
    [
      "a deep import",
      [
        tree("@leat/git", "tool", { uses: ["@leat/http"], imports: ["@leat/http/src/http.ts"] }),
        tree("@leat/http", "base"),
      ],
      "libs/git/src/file.ts reaches into @leat/http: it imports @leat/http/src/http.ts",
    ],
    [
      "a relative import into another package",
      [tree("@leat/git", "tool", { imports: ["../../http/src/http.ts"] })],
      "libs/git/src/file.ts (@leat/git) leaves its package: it imports ../../http/src/http.ts",
    ],
    [
      "a circle of packages",
      [tree("@leat/git", "tool", { uses: ["@leat/kube"] }), tree("@leat/kube", "tool", { uses: ["@leat/git"] })],
      "packages import one another in a circle: @leat/git → @leat/kube → @leat/git",
    ],
    ["a package without a layer", [tree("@leat/git", undefined)], '@leat/git has no tag "layer:…" in its package.json'],
    ["an unknown layer", [tree("@leat/git", "cellar")], "@leat/git has the layer cellar, which does not exist"],
    [
      "a built-in module without its prefix",
      [tree("@leat/git", "tool", { imports: ["fs"] })],
      "libs/git/src/file.ts imports fs, which must be written node:fs",
    ],
  ];
  for (const [given, packages, violation] of cases) {
    test(given, () => assert.deepEqual(violationsIn(packages), [violation]));
  }
});

suite("what is allowed stays silent", () => {
  const testing = tree("@leat/testing", "testing");
  const cases: Array<[given: string, packages: Package[]]> = [
    [
      "a declared import down the layers",
      [tree("@leat/git", "tool", { uses: ["@leat/log"], imports: ["@leat/log"] }), tree("@leat/log", "base")],
    ],
    [
      "an import of a further entry of a package",
      [tree("@leat/git", "tool", { uses: ["@leat/log"], imports: ["@leat/log/offered"] }), tree("@leat/log", "base")],
    ],
    [
      "a test that uses testing",
      [
        tree("@leat/git", "tool", {
          usesInTests: ["@leat/testing"],
          file: "src/file.test.ts",
          imports: ["@leat/testing"],
        }),
        testing,
      ],
    ],
    [
      "an app that uses testing",
      [tree("@leat/cli", "app", { uses: ["@leat/testing"], imports: ["@leat/testing"] }), testing],
    ],
    [
      "a relative import inside the package",
      [tree("@leat/git", "tool", { file: "src/deep/file.ts", imports: ["../other.ts"] })],
    ],
    ["a built-in module", [tree("@leat/git", "tool", { imports: ["node:fs/promises"] })]],
  ];
  for (const [given, packages] of cases) test(given, () => assert.deepEqual(violationsIn(packages), []));
});

suite("reading", () => {
  const cases: Array<[form: string, source: string]> = [
    ["a static import", `import { a } from "wanted";`],
    ["an import for its effect", `import "wanted";`],
    ["an import of types", `import type { A } from "wanted";`],
    ["an import inside a type", `export type A = import("wanted").A;`],
    ["a dynamic import", `const a = await import("wanted");`],
    ["a re-export", `export { a } from "wanted";`],
    ["a re-export of everything", `export * from "wanted";`],
  ];
  for (const [form, source] of cases) {
    test(`sees ${form}`, () => assert.deepEqual(importsOf("file.ts", source), ["wanted"]));
  }

  test("does not take text for an import", () => {
    assert.deepEqual(importsOf("file.ts", `// import "a";\nconst text = 'import "b"';`), []);
  });

  test("rejects an import that is only known at run time", () => {
    assert.throws(() => importsOf("file.ts", "await import(name);"), /file\.ts: a dynamic import must name its module/);
  });

  test("reads packages, their tags and their files, without node_modules", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "leat-architecture-"));
    await write(directory.path, {
      "package.json": `{ "name": "root", "workspaces": ["libs/*"] }`,
      "tools/check.ts": `import "node:os";`,
      "libs/a/package.json": `{ "name": "@leat/a", "exports": { ".": "./src/index.ts", "./names": "./src/names.ts" }, "dependencies": { "zod": "1" }, "nx": { "tags": ["layer:api"] } }`,
      "libs/a/src/index.ts": `import "zod";`,
      "libs/a/node_modules/zod/index.ts": `import "hidden";`,
    });
    assert.deepEqual(await readWorkspace(directory.path), [
      {
        name: "root",
        directory: "",
        layers: [],
        entries: [],
        dependencies: [],
        devDependencies: [],
        files: [{ path: "tools/check.ts", imports: ["node:os"] }],
      },
      {
        name: "@leat/a",
        directory: "libs/a",
        layers: ["api"],
        entries: ["@leat/a", "@leat/a/names"],
        dependencies: ["zod"],
        devDependencies: [],
        files: [{ path: "libs/a/src/index.ts", imports: ["zod"] }],
      },
    ]);
  });
});

interface Tree {
  uses?: string[];
  usesInTests?: string[];
  imports?: string[];
  file?: string;
}

/** A package with one file. */
function tree(
  name: string,
  layer: string | undefined,
  { uses = [], usesInTests = [], imports = [], file = "src/file.ts" }: Tree = {},
): Package {
  const directory = `libs/${name.slice("@leat/".length)}`;
  return {
    name,
    directory,
    layers: layer === undefined ? [] : [layer],
    entries: [name, `${name}/offered`],
    dependencies: uses,
    devDependencies: usesInTests,
    files: [{ path: `${directory}/${file}`, imports }],
  };
}

async function write(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
