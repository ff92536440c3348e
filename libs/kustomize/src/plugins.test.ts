import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { configMap, deployment, type Files, openWorkbench } from "../test/fixture.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

const prefix = (name: string, value: string) =>
  `apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: ${name}}\nprefix: ${value}\nfieldSpecs: [{path: metadata/name}]\n`;
const patcher =
  "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: p.yaml\ntarget: {kind: ConfigMap}\n";
const patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: any}\ndata: {path: a/b, mode: '0644'}\n";

suite("generators, transformers and validators do what they do in kustomize", () => {
  const base = { "app/cm.yaml": configMap("cm", { a: "1" }) };
  const rows: Array<[how: string, files: Files]> = [
    [
      "in files",
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [one.yaml, ../two.yaml]",
        "app/one.yaml": prefix("one", "first-"),
        "two.yaml": prefix("two", "second-"),
        ...base,
      },
    ],
    [
      "inline, before those in files",
      {
        "app/kustomization.yaml": `resources: [cm.yaml]\ntransformers:\n- one.yaml\n- |-\n  ${prefix("two", "inline-").replaceAll("\n", "\n  ")}`,
        "app/one.yaml": prefix("one", "file-"),
        ...base,
      },
    ],
    [
      "in a directory, in the order of its list",
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [../plugins]",
        "plugins/kustomization.yaml": "resources: [z.yaml, a.yaml]",
        "plugins/z.yaml": prefix("z", "first-"),
        "plugins/a.yaml": prefix("a", "second-"),
        ...base,
      },
    ],
    [
      "with files of their own",
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ngenerators: [g.yaml]\ntransformers: [../config/t.yaml]",
        "app/g.yaml":
          "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nname: g\nfiles: [data/x.txt]\nenvs: [x.env]\n",
        "app/data/x.txt": "x",
        "app/x.env": "X=1",
        "app/p.yaml": patch,
        // Its path is one of the kustomization that lists it.
        "config/t.yaml": patcher,
        ...base,
      },
    ],
    [
      "with patches as text and as files",
      {
        "app/kustomization.yaml": "resources: [cm.yaml, d.yaml]\ntransformers: [t.yaml]",
        "app/d.yaml": deployment("d", "nginx"),
        "app/t.yaml": `apiVersion: builtin\nkind: PatchStrategicMergeTransformer\nmetadata: {name: t}\npaths:\n- p.yaml\n- '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 3}}'\n`,
        "app/p.yaml": patch.replace("any", "cm"),
        ...base,
      },
    ],
    [
      "with values that kustomize reads in its own way",
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [t.yaml]",
        "app/t.yaml":
          "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: t}\nannotations: {answer: yes, mode: 0644}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n",
        ...base,
      },
    ],
    [
      "several in one file, or in a list",
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [t.yaml]\nvalidators: []",
        "app/t.yaml": `${prefix("one", "a-")}---\napiVersion: v1\nkind: List\nitems:\n- ${prefix("two", "b-").trim().replaceAll("\n", "\n  ")}\n`,
        ...base,
      },
    ],
  ];
  for (const [how, files] of rows) {
    test(how, async () => {
      const build = await bench.build(files, "app");
      assert.ok(build.kind === "built", JSON.stringify(build));
      assert.deepEqual(
        build.objects.map(({ object }) => object),
        await bench.kustomize(files, "app"),
      );
    });
  }
});

suite("a plugin is rejected", () => {
  const rows: Array<[why: string, config: string, message: RegExp]> = [
    [
      "that is a program",
      "apiVersion: example.com/v1\nkind: Sed\nmetadata: {name: s}\n",
      /^app\/t\.yaml: Sed s uses an exec plugin; only plugins with apiVersion: builtin are supported$/,
    ],
    [
      "that is a function in a container",
      "apiVersion: v1\nkind: Fn\nmetadata: {name: f, annotations: {config.kubernetes.io/function: '{container: {image: x}}'}}\n",
      /Fn f uses an exec plugin/,
    ],
    [
      "that inflates a chart",
      "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: c}\n",
      /HelmChartInflationGenerator c is not supported; use a HelmRelease/,
    ],
    [
      "that has no name",
      "apiVersion: builtin\nkind: PrefixTransformer\n",
      /requires apiVersion, kind and metadata\.name/,
    ],
    ["whose file is not valid YAML", "a: [", /^app\/t\.yaml:1:\d+ is not valid YAML/],
    ["whose file is a text", "just text", /^app\/t\.yaml must contain objects/],
    [
      "that reads a file outside of the repository",
      patcher.replace("p.yaml", "../../p.yaml"),
      /^app\/t\.yaml: path refers to \.\.\/\.\.\/p\.yaml, which leads outside the repository/,
    ],
  ];
  for (const [why, config, message] of rows) {
    test(why, async () => {
      const files = {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [t.yaml]",
        "app/cm.yaml": configMap("cm"),
        "app/t.yaml": config,
      };
      const build = await bench.build(files, "app");
      assert.ok(build.kind === "rejected", JSON.stringify(build));
      assert.match(build.message, message);
    });
  }

  test("that a directory puts together to read a file outside of the repository", async () => {
    const build = await bench.build(
      {
        "app/kustomization.yaml": "resources: [cm.yaml]\ntransformers: [../plugins]",
        "app/cm.yaml": configMap("cm"),
        "plugins/kustomization.yaml":
          'resources: [t.yaml]\npatches:\n- target: {kind: PatchTransformer}\n  patch: \'[{"op": "replace", "path": "/path", "value": "/etc/hostname"}]\'',
        "plugins/t.yaml": patcher,
      },
      "app",
    );
    assert.ok(build.kind === "rejected", JSON.stringify(build));
    assert.match(build.message, /^plugins: path refers to \/etc\/hostname, which is an absolute path/);
  });

  test("whose directory lists itself", async () => {
    const build = await bench.build(
      {
        "app/kustomization.yaml": "transformers: [../plugins]",
        "plugins/kustomization.yaml": "transformers: [../plugins]",
      },
      "app",
    );
    assert.ok(build.kind === "rejected" && /refers to itself/.test(build.message), JSON.stringify(build));
  });
});
