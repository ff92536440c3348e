import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { configMap, type Files, openWorkbench } from "../test/fixture.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

suite("a rejection says which file is wrong, and how", () => {
  const cm = configMap("a");
  const braces = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {value: "${"{".repeat(70_000)}"}\n`;
  const rows: Array<[what: string, files: Files, message: RegExp]> = [
    [
      "no YAML",
      { "app/bad.yaml": `${cm}---\na: b: c\n`, "app/cm.yaml": cm },
      /^app\/bad\.yaml:7:\d+ is not valid YAML: /,
    ],
    [
      "no YAML in a base",
      {
        "app/kustomization.yaml": "resources: [../base]",
        "base/kustomization.yaml": "resources: [x.yaml]",
        "base/x.yaml": "a: [",
      },
      /^base\/x\.yaml:1:5 is not valid YAML/,
    ],
    ["a text", { "app/a.yaml": "only text" }, /^app\/a\.yaml is not a Kubernetes object/],
    [
      "no kind",
      { "app/a.yaml": "apiVersion: v1\nmetadata: {name: a}" },
      /^app\/a\.yaml is not a Kubernetes object: missing kind$/,
    ],
    [
      "no name, in the second document",
      { "app/a.yaml": `${cm}---\nkind: Job\napiVersion: batch/v1\n` },
      /^app\/a\.yaml \(document 2\): Job is missing metadata\.name$/,
    ],
    [
      "only generateName",
      { "app/a.yaml": "kind: Job\napiVersion: batch/v1\nmetadata: {generateName: a-}" },
      /^app\/a\.yaml: Job is missing metadata\.name \(generateName is not supported\)$/,
    ],
    [
      "no apiVersion",
      { "app/a.yaml": "kind: ConfigMap\nmetadata: {name: a}" },
      /^app\/a\.yaml: ConfigMap a has no apiVersion$/,
    ],
    [
      "the same object twice",
      { "app/a.yaml": cm, "app/b.yaml": cm },
      /^app cannot be built: b\.yaml: ConfigMap\.v1\.\[noGrp\]\/a\.\[noNs\] is declared more than once; remove one/,
    ],
    [
      "the same object twice, too large to look into",
      { "app/a.yaml": braces, "app/b.yaml": braces },
      /^app cannot be built: b\.yaml: ConfigMap\.v1\.\[noGrp\]\/a\.\[noNs\] is declared more than once/,
    ],
    [
      "lists within lists, too deep to look into",
      { "app/cm.yaml": cm, "app/deep.yaml": "[".repeat(200_000) },
      /^app cannot be built: yaml: exceeded max depth of 10000 in File: \.\/deep\.yaml$/,
    ],
    [
      "a missing resource",
      { "app/kustomization.yaml": "resources: [no.yaml]" },
      /^app\/kustomization\.yaml: resources\[0\] refers to no\.yaml, which does not exist in the repository \(symbolic links are excluded\); correct the path or add it$/,
    ],
    [
      "a directory without a kustomization",
      { "app/kustomization.yaml": "resources: [sub]", "app/sub/a.yaml": cm },
      /^app\/kustomization\.yaml: resources\[0\] refers to the directory sub, which has no kustomization\.yaml; /,
    ],
    [
      "a file as a component",
      { "app/kustomization.yaml": "components: [a.yaml]", "app/a.yaml": cm },
      /refers to a\.yaml, which is a file; expected the directory of the component$/,
    ],
    [
      "two kustomizations",
      { "app/kustomization.yaml": "resources: []", "app/Kustomization": "resources: []" },
      /^app has both kustomization\.yaml and Kustomization; keep one of them$/,
    ],
    [
      "an unknown field",
      { "app/kustomization.yaml": "resorces: [a.yaml]" },
      /^app\/kustomization\.yaml: resorces is not a field of a kustomization/,
    ],
    [
      "a field in two cases",
      { "app/kustomization.yaml": "resources: []\nResources: []" },
      /resources is defined twice, also as Resources; keep one of them$/,
    ],
    [
      "no mapping",
      { "app/kustomization.yaml": "- a.yaml" },
      /^app\/kustomization\.yaml must contain the fields of a kustomization/,
    ],
    [
      "a kustomization that is not valid YAML",
      { "app/kustomization.yaml": "resources: [a\nfoo: b" },
      /^app\/kustomization\.yaml:\d+:\d+ is not valid YAML/,
    ],
    [
      "a Kustomization for the controller",
      {
        "app/kustomization.yaml":
          "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./b}",
      },
      /^app\/kustomization\.yaml is a Kustomization of kustomize\.toolkit\.fluxcd\.io\/v1, but kustomize reads .*; rename the file$/,
    ],
    [
      "an entry that is not a string",
      { "app/kustomization.yaml": "resources: [1]" },
      /^app\/kustomization\.yaml: resources\[0\] must be a string$/,
    ],
    [
      "an empty entry",
      { "app/kustomization.yaml": "resources: ['']" },
      /resources\[0\] is empty; name a file or remove the entry$/,
    ],
    [
      "a list that is none",
      { "app/kustomization.yaml": "resources: a.yaml" },
      /^app\/kustomization\.yaml: resources must be a list$/,
    ],
    [
      "a chart",
      { "app/kustomization.yaml": "helmCharts: [{name: x}]" },
      /^app\/kustomization\.yaml: helmCharts is not supported; use a HelmRelease/,
    ],
    [
      "a component that is a kustomization",
      { "app/kustomization.yaml": "components: [../base]", "base/kustomization.yaml": "resources: []" },
      /^app cannot be built: expected kind 'Component' for path 'base' but got 'Kustomization'$/,
    ],
    [
      "a circle",
      { "app/kustomization.yaml": "resources: [../base]", "base/kustomization.yaml": "resources: [../app]" },
      /^app cannot be built: .*cycle detected: candidate root 'app' contains visited root 'app'$/,
    ],
    [
      "kustomizations that double from level to level",
      Object.assign(
        { "app/kustomization.yaml": "resources: [../0/a, ../0/b]", "14/a/kustomization.yaml": "resources: []" },
        ...Array.from({ length: 14 }, (_, level) => {
          const next = `resources: [../../${level + 1}/a, ../../${level + 1}/${level === 13 ? "a/../a" : "b"}]`;
          return { [`${level}/a/kustomization.yaml`]: next, [`${level}/b/kustomization.yaml`]: next };
        }),
      ),
      /^\d\/[ab]\/kustomization\.yaml consists of more than 10000 kustomizations.*; refer to each base once$/,
    ],
    [
      "a patch without its target, three directories down",
      {
        "app/kustomization.yaml": "resources: [../one]",
        "one/kustomization.yaml": "resources: [../two]",
        "two/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]",
        "two/a.yaml": cm,
        "two/p.yaml": configMap("b"),
      },
      /^app cannot be built: no resource matches strategic merge patch "ConfigMap\.v1\.\[noGrp\]\/b\.\[noNs\]": no matches for Id/,
    ],
    [
      "the same object in two bases",
      {
        "app/kustomization.yaml": "resources: [../one, ../two]",
        "one/kustomization.yaml": "resources: [a.yaml]",
        "one/a.yaml": cm,
        "two/kustomization.yaml": "resources: [a.yaml]",
        "two/a.yaml": cm,
      },
      /^app cannot be built: ConfigMap\.v1\.\[noGrp\]\/a\.\[noNs\] is declared more than once; /,
    ],
    [
      "an empty file of definitions",
      { "app/kustomization.yaml": "crds: [c.json]", "app/c.json": "" },
      /^app cannot be built: kustomize crashed \(.*\); check for an empty or malformed file$/,
    ],
  ];
  for (const [what, files, message] of rows) {
    test(what, async () => {
      const source = bench.repository(files);
      const build = await bench.builder.build({ files: source, path: "app", overlay: {} }, AbortSignal.timeout(60_000));
      assert.ok(build.kind === "rejected", JSON.stringify(build));
      assert.match(build.message, message);
      assert.ok(!build.message.includes(bench.directory), build.message);
    });
  }

  const secrets: Array<[what: string, fields: string]> = [
    ["an object whose keys are no text", "resources: [s.yaml]"],
    ["a literal", "secretGenerator: [{name: s, literals: [a=hunter2, hunter2]}]"],
    ["a patch", "patches: [{target: {kind: Secret}, patch: 'stringData = hunter2'}]"],
    [
      "a patch under its older name",
      "patchesStrategicMerge: ['{stringData: {password: hunter2, and: something that makes it longer}}']",
    ],
  ];
  for (const [what, fields] of secrets) {
    test(`but does not repeat ${what}`, async () => {
      const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {1: hunter2}\n";
      const build = await bench.build({ "kustomization.yaml": fields, "s.yaml": secret });
      assert.ok(build.kind === "rejected", JSON.stringify(build));
      assert.ok(!build.message.includes("hunter2"), build.message);
    });
  }
});
