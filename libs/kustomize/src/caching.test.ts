import assert from "node:assert/strict";
import { posix } from "node:path";
import { suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Random, randomFrom } from "@leat/testing";
import { configMap, deployment, type Files, openWorkbench } from "../test/fixture.ts";
import type { Build, Overlay } from "./index.ts";

const files: Files = {
  "app/kustomization.yaml":
    "resources: [../base, own.yaml]\ncomponents: [../part]\ntransformers: [t.yaml]\npatches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: g, files: [data.txt]}]",
  "app/own.yaml": deployment("own", "nginx"),
  "app/t.yaml":
    "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: more.yaml\ntarget: {name: base}\n",
  "app/more.yaml": configMap("base", { more: "1" }),
  "app/patch.yaml": configMap("base", { patched: "1" }),
  "app/data.txt": "1",
  "app/unread.yaml": configMap("unread"),
  "base/kustomization.yaml": "resources: [base.yaml]",
  "base/base.yaml": configMap("base"),
  "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part",
  "other/a.yaml": configMap("other"),
};

suite("a build is not made again", () => {
  test("in another revision where only files changed that it does not reach", async () => {
    await using bench = await openWorkbench();
    const first = await bench.build(files, "app");
    const changed = { ...files, "app/unread.yaml": configMap("changed"), "other/a.yaml": "a: [", "new.yaml": "" };
    assert.ok(first.kind === "built" && first.inputs !== "");
    assert.equal(await bench.build(changed, "./app/"), first);
  });

  test("where it was rejected for the same files", async () => {
    await using bench = await openWorkbench();
    const broken = { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\n" };
    const first = await bench.build(broken, "app");
    assert.equal(first.kind, "rejected");
    assert.equal(await bench.build({ ...broken, "b.yaml": "" }, "app"), first);
  });

  test("but once for all who ask at a time", async () => {
    await using bench = await openWorkbench();
    const source = bench.repository(files);
    const ask = () => bench.builder.build({ files: source, path: "app", overlay: {} }, AbortSignal.timeout(60_000));
    const [one, other] = await Promise.all([ask(), ask()]);
    assert.equal(one, other);
  });
});

suite("a build is made again", () => {
  for (const path of Object.keys(files).filter((file) => !/unread|other/.test(file))) {
    test(`where ${path} changed`, async () => {
      await using bench = await openWorkbench();
      const first = await bench.build(files, "app");
      const second = await bench.build({ ...files, [path]: `${files[path]}\n` }, "app");
      // A kustomization that reads as before is the same; each other file is one by its bytes.
      if (path.endsWith("kustomization.yaml") || path === "app/t.yaml") assert.equal(inputsOf(second), inputsOf(first));
      else assert.notEqual(inputsOf(second), inputsOf(first));
    });
  }
  for (const [what, overlay] of Object.entries<Overlay>({
    namespace: { targetNamespace: "x" },
    "a patch": { patches: [{ patch: configMap("base", { a: "1" }) }] },
    "an image": { images: [{ name: "nginx", newTag: "2" }] },
  })) {
    test(`where the overlay has ${what}`, async () => {
      await using bench = await openWorkbench();
      assert.notEqual(inputsOf(await bench.build(files, "app", overlay)), inputsOf(await bench.build(files, "app")));
    });
  }
  test("where a file came that was missing", async () => {
    await using bench = await openWorkbench();
    const { "base/base.yaml": base, ...without } = files;
    assert.equal((await bench.build(without, "app")).kind, "rejected");
    assert.equal((await bench.build({ ...without, "base/base.yaml": base ?? "" }, "app")).kind, "built");
  });
  test("where the memory for finished builds is used up", async () => {
    await using bench = await openWorkbench({ cacheBytes: 10 });
    const first = await bench.build(files, "app");
    const second = await bench.build(files, "app");
    assert.notEqual(second, first);
    assert.deepEqual(second, first);
  });
  test("where something came from elsewhere", async () => {
    await using bench = await openWorkbench();
    const remote = { "kustomization.yaml": "resources: ['http://127.0.0.1:1/a.yaml']" };
    const first = await bench.build(remote);
    assert.equal(first.kind, "rejected");
    assert.notEqual(await bench.build(remote), first);
  });
});

/** Everything that a kustomization may name, and files that nobody reads; one entry per line. */
const rich: Files = {
  "app/kustomization.yaml": `namePrefix: p1-
resources:
- ../base
- own.yaml
components:
- ../part
configMapGenerator:
- name: files
  files:
  - data.txt
  - key=below/keyed.txt
- name: envs
  envs:
  - some.env
secretGenerator:
- name: secret
  env: secret.env
patches:
- path: patch.yaml
- path: operations.yaml
  target: {kind: Deployment}
replacements:
- path: replacement.yaml
images:
- name: nginx
  newTag: "1"
transformers:
- labels.yaml
- patcher.yaml
generators:
- generators
`,
  "app/own.yaml": deployment("own", "nginx"),
  "app/data.txt": "1",
  "app/below/keyed.txt": "2",
  "app/some.env": "ONE=1\nTWO=2\n",
  "app/secret.env": "PASSWORD=1\n",
  "app/patch.yaml": configMap("base", { patched: "1" }),
  "app/operations.yaml": "- {op: add, path: /spec/replicas, value: 1}\n",
  "app/replacement.yaml":
    "source: {kind: ConfigMap, name: base, fieldPath: data.base}\ntargets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.from], options: {create: true}}]\n",
  "app/labels.yaml":
    "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {tier: t1}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
  "app/patcher.yaml":
    "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: more.yaml\ntarget: {name: .*deep.*}\n",
  "app/more.yaml": configMap("any", { more: "1" }),
  "app/generators/kustomization.yaml": "resources:\n- generator.yaml\n",
  "app/generators/generator.yaml":
    "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: generated}\nfiles: [generated.txt]\n",
  "app/generated.txt": "1",
  "app/unread.yaml": configMap("unread", { a: "1" }),
  "base/kustomization.yaml": "resources:\n- base.yaml\n- ../deep\n",
  "base/base.yaml": configMap("base", { base: "1" }),
  "deep/kustomization.yaml": "namespace: n1\nresources:\n- deep.yaml\n",
  "deep/deep.yaml": configMap("deep", { deep: "1" }),
  "part/kustomization.yaml":
    "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources:\n- part.yaml\nnameSuffix: -s1\n",
  "part/part.yaml": configMap("part", { part: "1" }),
  "extra/kustomization.yaml":
    "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\ncommonAnnotations:\n  extra: e1\n",
  "dev/kustomization.yaml": "resources:\n- ../app\npatchesStrategicMerge:\n- patch.yaml\n",
  "dev/patch.yaml": `{apiVersion: apps/v1, kind: Deployment, metadata: {name: p1-own-s1}, spec: {paused: true, minReadySeconds: 1}}\n`,
  "plain/a.yaml": configMap("a", { a: "1" }),
  "plain/sub/b.yml": configMap("b", { b: "1" }),
  "plain/inner/kustomization.yaml": "resources:\n- inner.yaml\n",
  "plain/inner/inner.yaml": configMap("inner", { inner: "1" }),
  "plain/inner/unread.yaml": configMap("unread", { a: "1" }),
  "plain/readme.md": "1",
};
/** The second is a base of the first. */
const paths = ["dev", "dev", "app", "app", "base", "plain"];

suite("a build that is remembered equals a new one", () => {
  const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const rounds = Number(process.env["LEAT_ROUNDS"] ?? 40);

  test(`after ${rounds} random changes of files and overlays (LEAT_SEED=${seed})`, async () => {
    const random = randomFrom(seed);
    await using bench = await openWorkbench({ maxConcurrent: 3 });
    const known = new Map<string, Build>();
    let [good, now, overlay] = [rich, rich, {} as Overlay];
    const counts = { built: 0, skipped: 0 };
    // Some seeds break much: their rounds go on until enough was built to compare.
    const isEnough = () => counts.built > rounds / 4 && counts.skipped > rounds / 20;
    for (let round = 0; round < rounds || (!isEnough() && round < 10 * rounds); round++) {
      const what = { edit: "", round, seed };
      [what.edit, now] = change(now, random);
      if (random.below(3) === 0) overlay = overlayOf(random);
      const path = random.pick(paths);
      const remembered = await bench.build(now, path, overlay);
      assert.deepEqual(remembered, await buildAnew(now, path, overlay), JSON.stringify({ ...what, path, overlay }));
      if (remembered.kind !== "built") {
        // Not gone on with for long.
        if (random.below(3) > 0) [now, overlay] = [good, {}];
        continue;
      }
      if (path === "dev") good = now;
      const before = known.get(remembered.inputs);
      if (before !== undefined) assert.equal(remembered, before, `made again: ${JSON.stringify(what)}`);
      counts[before === undefined ? "built" : "skipped"] += 1;
      known.set(remembered.inputs, remembered);
    }
    assert.ok(isEnough(), JSON.stringify(counts));
  });

  for (const path of ["app", "base", "plain"]) {
    test(`and is made again for any change of a file that ${path} reaches, and for no other (LEAT_SEED=${seed})`, async () => {
      const random = randomFrom(seed);
      await using bench = await openWorkbench();
      const overlay = overlayOf(random);
      const first = await bench.build(rich, path, overlay);
      assert.equal(first.kind, "built", JSON.stringify(first));
      for (const file of Object.keys(rich)) {
        const { [file]: text = "", ...without } = rich;
        // Whether it is read is seen by what happens where it is missing.
        const isReached: boolean = !isDeepStrictEqual(
          outcomeOf(await bench.build(without, path, overlay)),
          outcomeOf(first),
        );
        const second = await bench.build({ ...rich, [file]: `${text}\n` }, path, overlay);
        const isRead: boolean = isReached && !isReadAsFields(file);
        assert.equal(inputsOf(second) !== inputsOf(first), isRead, file);
        assert.equal(second !== first, isRead, file);
      }
    });
  }
});

/** By a builder that knows nothing. */
async function buildAnew(files_: Files, path: string, overlay: Overlay): Promise<Build> {
  await using fresh = await openWorkbench();
  return await fresh.build(files_, path, overlay);
}

/** Kustomizations and the configuration of plugins count by what they say, each other file by its bytes. */
function isReadAsFields(file: string): boolean {
  return /kustomization|labels|patcher|generator\.yaml/.test(file);
}

function outcomeOf(build: Build): unknown {
  return build.kind === "built" ? build.digest : build;
}

function inputsOf(build: Build): string {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.inputs;
}

/** @returns what was done, and the files after it */
function change(now: Files, random: Random): [what: string, files: Files] {
  const path = random.pick(Object.keys(now));
  const { [path]: text = "", ...others } = now;
  switch (random.below(9)) {
    case 0:
      return ["nothing", now];
    case 1:
      return [`deleted ${path}`, others];
    case 2: {
      const restored = random.pick(Object.keys(rich));
      return [`restored ${restored}`, { ...now, [restored]: rich[restored] ?? "" }];
    }
    case 3:
      return rename(now, path, random);
    case 4: {
      const lines = text.split("\n");
      lines.splice(random.below(lines.length), 1);
      return [`took a line out of ${path}`, { ...now, [path]: lines.join("\n") }];
    }
    case 5: {
      const added = `${random.pick(["app", "plain", "plain/sub", "plain/inner", "else"])}/new${random.below(5)}.yaml`;
      return [`added ${added}`, { ...now, [added]: configMap(`new${random.below(5)}`) }];
    }
    case 6:
      return [`put a comment into ${path}`, { ...now, [path]: `${text}\n# ${random.below(3)}\n` }];
    default:
      return [
        `changed numbers in ${path}`,
        { ...now, [path]: text.replaceAll(/\d\b/g, () => `${1 + random.below(2)}`) },
      ];
  }
}

/** With or without those who name it. */
function rename(now: Files, path: string, random: Random): [what: string, files: Files] {
  const name = posix.basename(path);
  const next = `${random.below(3)}${name}`;
  const isFollowed = random.below(4) > 0;
  const renamed = Object.entries(now).map(([file, text]) => [
    file === path ? posix.join(posix.dirname(path), next) : file,
    isFollowed && file.endsWith(".yaml") ? text.replaceAll(name, next) : text,
  ]);
  return [`renamed ${path} to ${next}${isFollowed ? "" : ", and nothing else"}`, Object.fromEntries(renamed)];
}

function overlayOf(random: Random): Overlay {
  const overlay: Overlay = {};
  if (random.below(3) === 0) overlay.targetNamespace = random.pick(["x", "y"]);
  if (random.below(4) === 0) overlay.namePrefix = random.pick(["a-", "b-"]);
  if (random.below(4) === 0) overlay.patches = [{ patch: configMap("any", { a: "1" }), target: { kind: "ConfigMap" } }];
  if (random.below(4) === 0) overlay.images = [{ name: "nginx", newTag: random.pick(["1", "2"]) }];
  if (random.below(4) === 0) overlay.components = ["../extra"];
  if (random.below(4) === 0) overlay.buildMetadata = random.pick([["originAnnotations"], []]);
  return overlay;
}
