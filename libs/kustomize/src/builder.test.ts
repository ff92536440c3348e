import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { jsonForYaml } from "@leat/json";
import { configMap, deployment, type Files, openWorkbench } from "../test/fixture.ts";
import type { Build } from "./index.ts";

const bench = await openWorkbench();
const byBinary = await openWorkbench({ renderer: async () => undefined });
after(() => Promise.all([bench, byBinary].map((each) => each[Symbol.asyncDispose]())));

suite("every field that names files builds what kustomize builds of the whole repository", () => {
  const base = { "base/kustomization.yaml": "resources: [cm.yaml]", "base/cm.yaml": configMap("base", { a: "1" }) };
  const patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata: {patched: 'yes'}\n";
  const rows: Array<[field: string, files: Files]> = [
    ["resources: a file", { "app/kustomization.yaml": "resources: [a.yaml]", "app/a.yaml": configMap("a") }],
    ["resources: a file beside", { "app/kustomization.yaml": "resources: [../a.yaml]", "a.yaml": configMap("a") }],
    ["resources: a directory", { "app/kustomization.yaml": "resources: [../base]\nnamePrefix: x-", ...base }],
    ["bases", { "app/kustomization.yaml": "bases: [../base/]", ...base }],
    [
      "components",
      {
        "app/kustomization.yaml": "resources: [../base]\ncomponents: [../part]",
        "part/kustomization.yaml":
          "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part\npatches: [{path: p.yaml}]",
        "part/p.yaml": patch,
        ...base,
      },
    ],
    [
      "patches",
      { "app/kustomization.yml": "resources: [../base]\npatches: [{path: p.yaml}]", "app/p.yaml": patch, ...base },
    ],
    [
      "patchesStrategicMerge: a file and a text",
      {
        "app/Kustomization": `resources: [../base]\npatchesStrategicMerge:\n- p.yaml\n- |-\n  ${patch.replace("patched", "inline").replaceAll("\n", "\n  ")}`,
        "app/p.yaml": patch,
        ...base,
      },
    ],
    [
      "patchesStrategicMerge: texts that kustomize reads in its own way",
      {
        "app/kustomization.yaml": `resources: [../base, d.yaml]\npatchesStrategicMerge:\n- |-\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: base}\n  data: {answer: yes, path: ../../../../../../x, mode: 0644}\n- |-\n  # a comment\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: d}\n  spec: {replicas: 0o17}\n`,
        "app/d.yaml": deployment("d", "nginx"),
        ...base,
      },
    ],
    [
      "patchesJson6902",
      {
        "app/kustomization.yaml":
          "resources: [../base]\npatchesJson6902: [{target: {version: v1, kind: ConfigMap, name: base}, path: p.json}]",
        "app/p.json": '[{"op": "add", "path": "/data/b", "value": "2"}]',
        ...base,
      },
    ],
    [
      "configMapGenerator: files, envs and env",
      {
        "app/kustomization.yaml":
          "configMapGenerator:\n- {name: g, files: [one.txt, two=files/2.txt], envs: [a.env]}\n- {name: h, env: b.env}",
        "app/one.txt": "1",
        "app/files/2.txt": "2",
        "app/a.env": "A=a\n",
        "app/b.env": "B=b\n",
      },
    ],
    ["secretGenerator", { "app/kustomization.yaml": "secretGenerator: [{name: s, files: [p]}]", "app/p": "\u0001\n" }],
    [
      "replacements",
      {
        "app/kustomization.yaml": "resources: [../base, d.yaml]\nreplacements: [{path: r.yaml}]",
        "app/d.yaml": deployment("d", "nginx"),
        "app/r.yaml":
          "source: {kind: ConfigMap, name: base, fieldPath: data.a}\ntargets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.a], options: {create: true}}]",
        ...base,
      },
    ],
    [
      "crds and configurations",
      {
        "app/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: p-\ncrds: [c.json]\nconfigurations: [t.yaml]",
        "app/a.yaml": configMap("a", { a: "1" }),
        "app/c.json": "{}",
        "app/t.yaml": "namePrefix: [{path: data/a}]",
      },
    ],
    [
      "openapi",
      {
        "app/kustomization.yaml": "resources: [../base]\nopenapi: {path: schema.json}",
        "app/schema.json": '{"definitions": {}}',
        ...base,
      },
    ],
    [
      "field names in any case",
      { "app/kustomization.yaml": "RESOURCES: [a.yaml]\nnameprefix: x-", "app/a.yaml": configMap("a") },
    ],
    [
      "a key that is written twice",
      {
        "app/kustomization.yaml": "resources: [a.yaml]\nresources: [b.yaml]",
        "app/a.yaml": configMap("a"),
        "app/b.yaml": configMap("b"),
      },
    ],
    [
      "a base that two overlays share",
      {
        "app/kustomization.yaml": "resources: [../one, ../two]",
        "one/kustomization.yaml": "resources: [../base]\nnamePrefix: one-",
        "two/kustomization.yaml": "resources: [../base]\nnamePrefix: two-",
        ...base,
      },
    ],
    [
      "objects in an order of their own",
      {
        "app/kustomization.yaml": "resources: [b.yaml, a.yaml]\nsortOptions: {order: fifo}",
        "app/a.yaml": configMap("a"),
        "app/b.yaml": deployment("b", "x"),
      },
    ],
  ];
  for (const [field, files] of rows) {
    test(field, async () => {
      const expected = await bench.kustomize(files, "app");
      assert.deepEqual(objectsOf(await bench.build(files, "app")), expected);
      assert.ok(expected.length > 0);
    });
  }
});

const thing = (fields: string) => `{apiVersion: example.org/v1, kind: Thing, metadata: {name: a}, ${fields}}`;

suite("an integer that kustomize rounds", () => {
  const patched = (patch: string) => ({
    "app/kustomization.yaml": `resources: [a.yaml]\npatches: [{target: {kind: Thing}, patch: '${patch}'}]`,
    "app/a.yaml": thing("spec: {ids: [1152921504606846977]}"),
  });
  const rows: Array<[how: string, patch: string, message: RegExp]> = [
    [
      "beside what a JSON patch changes",
      "[{op: add, path: /spec/more, value: 1}]",
      /a\.yaml: Thing a: kustomize rounds spec\.ids\[0\] from 1152921504606846977 to 1152921504606847000, because a JSON patch/,
    ],
    [
      "in a JSON patch",
      "[{op: replace, path: /spec/ids, value: [-9007199254740993]}]",
      /a\.yaml: Thing a: kustomize rounds spec\.ids\[0\] from -9007199254740993 to -9007199254740992/,
    ],
  ];
  for (const [how, patch, message] of rows) {
    test(`${how} is rejected`, async () => {
      for (const builds of [bench, byBinary]) {
        const build = await builds.build(patched(patch.replace("[{", "- {").replace("}]", "}")), "app");
        assert.ok(build.kind === "rejected");
        assert.match(build.message, message);
      }
    });
  }

  for (const digits of ["18446744073709551616", "123456789012345678901234567890"]) {
    test(`because it has more than 64 bits is rejected for that: ${digits}`, async () => {
      const files = { "app/a.yaml": thing(`spec: {id: ${digits}}`) };
      for (const builds of [bench, byBinary]) {
        const build = await builds.build(files, "app");
        assert.ok(build.kind === "rejected");
        assert.match(
          build.message,
          new RegExp(
            `a\\.yaml: Thing a: kustomize rounds spec\\.id from ${digits} to .*, because it has more than 64 bits`,
          ),
        );
      }
    });
  }

  test("is none that is written so, or that is a text", async () => {
    const files = {
      "app/kustomization.yaml":
        "resources: [a.yaml]\npatches: [{target: {kind: Thing}, patch: '- {op: add, path: /spec/more, value: 1}'}]",
      "app/a.yaml": thing(
        'spec: {exact: 1152921504606847000, text: "9007199254740993", float: 1e18, point: 123456789012345678.5}',
      ),
    };
    assert.equal((await bench.build(files, "app")).kind, "built");
  });
});

suite("what is written is what is built", () => {
  const texts = [
    "x \u2028 y \u2029 \u0085 \u{1f600} \ufeff",
    "x \u007f y \u009f \ufffe \uffff",
    "one\n two \u2028 three \u2029\n \u0085 \ufeff\n",
  ];
  const integers = ["1152921504606846977", "-9007199254740993", "9223372036854775807", "18446744073709551615"];
  const values = new Map<string, unknown>([
    ...integers.map((digits) => [digits, BigInt(digits)] as const),
    ...texts.map((text) => [jsonForYaml(text), text] as const),
  ]);
  const rows: Array<[where: string, files: Files, only?: "texts"]> = [
    ["a manifest", { "app/a.yaml": thing("spec: {value: VALUE}") }],
    [
      "a strategic merge patch",
      {
        "app/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]",
        "app/a.yaml": thing("spec: {value: 1}"),
        "app/p.yaml": thing("spec: {value: VALUE}"),
      },
    ],
    [
      "a JSON patch",
      {
        "app/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: Thing}}]",
        "app/a.yaml": thing("spec: {value: 1}"),
        "app/p.yaml": "- {op: replace, path: /spec/value, value: VALUE}",
      },
      "texts",
    ],
    [
      "a patch within the kustomization",
      {
        "app/kustomization.yaml": `resources: [a.yaml]\npatchesStrategicMerge:\n- '${thing("spec: {value: VALUE}")}'`,
        "app/a.yaml": thing("spec: {value: 1}"),
      },
    ],
    [
      "a transformer within the kustomization",
      {
        "app/kustomization.yaml": `resources: [a.yaml]\ntransformers:\n- |-\n  {apiVersion: builtin, kind: PatchTransformer, metadata: {name: t}, patch: '- {op: replace, path: /spec/value, value: VALUE}', target: {kind: Thing}}`,
        "app/a.yaml": thing("spec: {value: 1}"),
      },
      "texts",
    ],
  ];
  for (const [where, files, only] of rows) {
    for (const [written, value] of values) {
      if (only === "texts" && typeof value !== "string") continue;
      test(`${written} in ${where}`, async () => {
        const filled = Object.entries(files).map(([path, content]) => [path, content.replace("VALUE", () => written)]);
        // The binary writes YAML, in which it loses some characters itself.
        for (const builds of typeof value === "string" ? [bench] : [bench, byBinary]) {
          const build = await builds.build(Object.fromEntries(filled) as Files, "app");
          assert.ok(build.kind === "built", JSON.stringify(build));
          assert.deepEqual(build.objects[0]?.object["spec"], { value });
        }
      });
    }
  }

  test("the text of a file in a ConfigMap", async () => {
    const [text = ""] = texts;
    const build = await bench.build({
      "app/kustomization.yaml": "configMapGenerator: [{name: a, files: [a.txt]}]",
      "app/a.txt": text,
    });
    assert.ok(build.kind === "built", JSON.stringify(build));
    assert.deepEqual(build.objects[0]?.object["data"], { "a.txt": text });
  });
});

suite("a kustomization without entries is built into nothing", () => {
  const header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
  test("as a component adds nothing", async () => {
    const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources:\n#  - one.yaml\n";
    const files = {
      "app/kustomization.yaml": "resources: [a.yaml]\ncomponents: [../part]",
      "app/a.yaml": configMap("a"),
    };
    assert.deepEqual(namesOf(await bench.build({ ...files, "part/kustomization.yaml": component }, "app")), ["a"]);
  });

  for (const text of ["# nothing yet", "", header, `${header}resources:\n#  - one.yaml\n`, "resources: []"]) {
    test(JSON.stringify(text), async () => {
      const overlay = { targetNamespace: "x", namePrefix: "y" };
      const build = await bench.build(
        { "app/kustomization.yaml": text, "app/one.yaml": configMap("one") },
        "app",
        overlay,
      );
      assert.deepEqual(objectsOf(build), []);
      const base = { "app/kustomization.yaml": text, "top/kustomization.yaml": "resources: [../app, a.yaml]" };
      assert.deepEqual(namesOf(await bench.build({ ...base, "top/a.yaml": configMap("a") }, "top")), ["a"]);
    });
  }
});

suite("a directory without a kustomization", () => {
  test("is built of all its manifests, and of directories with a kustomization as a whole", async () => {
    const build = await bench.build(
      {
        "apps/b.yaml": `${configMap("b1")}---\n# nothing\n---\n${configMap("b2")}`,
        "apps/a/deep/c.yml": configMap("c"),
        "apps/own/kustomization.yaml": "resources: [in.yaml]\nnamePrefix: own-",
        "apps/own/in.yaml": configMap("in"),
        "apps/own/out.yaml": configMap("out"),
        "apps/README.md": "# not a manifest",
        "other/d.yaml": configMap("d"),
      },
      "./apps",
    );
    assert.deepEqual(namesOf(build).toSorted(), ["b1", "b2", "c", "own-in"]);
  });

  test("is built into nothing where it holds nothing", async () => {
    const build = await bench.build({ "apps/README.md": "" }, "apps", { targetNamespace: "x", namePrefix: "y" });
    assert.deepEqual({ ...build, digest: "", inputs: "" }, { kind: "built", objects: [], digest: "", inputs: "" });
  });

  test("is built into nothing and said to be empty, where it has no files at all", async () => {
    const files = { files: new Map(), directories: new Set(["apps"]), read: async () => Buffer.alloc(0) };
    const build = await bench.builder.build({ files, path: "apps", overlay: {} }, AbortSignal.timeout(60_000));
    assert.partialDeepStrictEqual(build, { kind: "built", objects: [], isOfEmptyDirectory: true });
  });

  test("is built into the components that the overlay adds", async () => {
    const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [c.yaml]";
    const files = { "apps/README.md": "", "part/kustomization.yaml": component, "part/c.yaml": configMap("c") };
    assert.deepEqual(namesOf(await bench.build(files, "apps", { components: ["../part"] })), ["c"]);
  });
});

suite("spec.path", () => {
  const files = { "a.yaml": configMap("a"), "apps/b.yaml": configMap("b") };
  for (const path of ["", ".", "./", "/", "..", "apps/.."]) {
    test(`${JSON.stringify(path)} is the root`, async () =>
      assert.deepEqual(namesOf(await bench.build(files, path)).toSorted(), ["a", "b"]));
  }
  for (const path of ["apps", "./apps/", "../../apps"]) {
    test(`${path} stays within the artifact`, async () =>
      assert.deepEqual(namesOf(await bench.build(files, path)), ["b"]));
  }
  test("must be there", async () =>
    assert.deepEqual(await bench.build(files, "./nowhere"), {
      kind: "pathMissing",
      message: "spec.path ./nowhere does not exist in the artifact",
    }));
  test("must be a directory", async () => {
    const build = await bench.build(files, "a.yaml");
    assert.deepEqual(build, { kind: "pathMissing", message: "spec.path a.yaml is a file, not a directory" });
  });
});

suite("a built object", () => {
  test("knows the file that it comes from", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [../base, own.yaml]\nconfigMapGenerator: [{name: g, literals: [a=b]}]",
      "app/own.yaml": configMap("own"),
      "base/kustomization.yaml": "resources: [sub/base.yaml]",
      "base/sub/base.yaml": configMap("base"),
    };
    const build = await bench.build(files, "app");
    assert.ok(build.kind === "built");
    const origins = build.objects.map(({ object, file }) => [object.metadata.name.replace(/-.*/, ""), file]);
    assert.deepEqual(Object.fromEntries(origins), {
      base: "base/sub/base.yaml",
      g: "app/kustomization.yaml",
      own: "app/own.yaml",
    });
    assert.ok(build.objects.every(({ object }) => object.metadata.annotations === undefined));
  });

  test("keeps its origin where the kustomization asks for it", async () => {
    const files = {
      "kustomization.yaml": "resources: [a.yaml]\nbuildMetadata: [originAnnotations]",
      "a.yaml": configMap("a"),
    };
    const build = await bench.build(files);
    assert.deepEqual(objectsOf(build), await bench.kustomize(files, ""));
    assert.ok(build.kind === "built" && build.objects[0]?.file === "a.yaml");
  });

  test("keeps the annotations beside the origin", async () => {
    const files = {
      "kustomization.yaml": "resources: [a.yaml]\ncommonAnnotations: {team: a}",
      "a.yaml": configMap("a"),
    };
    assert.deepEqual(objectsOf(await bench.build(files)), await bench.kustomize(files, ""));
  });

  test("is the same where a replacement copies all annotations", async () => {
    const files = {
      "kustomization.yaml":
        "resources: [a.yaml, d.yaml]\nreplacements: [{source: {kind: ConfigMap, fieldPath: metadata.annotations}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.metadata.annotations], options: {create: true}}]}]",
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {team: a}}",
      "d.yaml": deployment("d", "x"),
    };
    assert.deepEqual(objectsOf(await bench.build(files)), await bench.kustomize(files, ""));
  });

  test("has the digest of its content, whatever the order of its fields", async () => {
    const one = await bench.build({
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: '1', y: '2'}}",
    });
    const other = await bench.build({
      "b.yaml": "kind: ConfigMap\nmetadata: {labels: {y: '2', x: '1'}, name: a}\napiVersion: v1",
    });
    const changed = await bench.build({
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: '1', y: '3'}}",
    });
    assert.match(digestsOf(one)[0] ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.deepEqual(digestsOf(one), digestsOf(other));
    assert.ok(one.kind === "built" && other.kind === "built" && changed.kind === "built");
    assert.equal(one.digest, other.digest);
    assert.notEqual(one.digest, changed.digest);
  });

  test("is one of the items where a list is declared", async () => {
    const item = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "NAME"}}';
    const inner = `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [${item.replace("NAME", "b")}]}`;
    const list = `{"apiVersion": "v1", "kind": "List", "items": [${item.replace("NAME", "a")}, ${inner}]}`;
    const build = await bench.build({ "list.yaml": list });
    assert.deepEqual(namesOf(build), ["a", "b"]);
    assert.ok(build.kind === "built" && build.objects.every(({ file }) => file === "list.yaml"));
  });

  test("is left out where it is a kustomization", async () => {
    const kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: k}";
    assert.deepEqual(namesOf(await bench.build({ "a.yaml": configMap("a"), "k.yaml": kustomization })), ["a"]);
  });

  test("cannot be changed by its caller", async () => {
    const build = await bench.build({ "a.yaml": configMap("a") });
    assert.ok(build.kind === "built");
    const [first] = build.objects;
    assert.throws(() => Object.assign(first?.object.metadata ?? {}, { name: "other" }), TypeError);
  });
});

test("builds by the binary leave no files behind", async () => {
  await using withoutRenderer = await openWorkbench({ renderer: async () => undefined });
  await withoutRenderer.build({ "a.yaml": configMap("a") });
  await withoutRenderer.build({ "a.yaml": "a: [" });
  assert.deepEqual(await withoutRenderer.leftovers(), []);
});

function objectsOf(build: Build): unknown[] {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.objects.map(({ object }) => object);
}

function namesOf(build: Build): string[] {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.objects.map(({ object }) => object.metadata.name);
}

function digestsOf(build: Build): string[] {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.objects.map(({ digest }) => digest);
}
