import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { configMap, deployment, type Files, openWorkbench } from "../test/workbench.ts";
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

  test("where it was refused for the same files", async () => {
    await using bench = await openWorkbench();
    const broken = { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\n" };
    const first = await bench.build(broken, "app");
    assert.equal(first.kind, "refused");
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
    assert.equal((await bench.build(without, "app")).kind, "refused");
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
    assert.equal(first.kind, "refused");
    assert.notEqual(await bench.build(remote), first);
  });
});

suite("a build that is remembered equals one that is made anew", () => {
  const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  test(`after random changes of files and overlays (LEAT_SEED=${seed})`, async () => {
    const random = generator(seed);
    await using bench = await openWorkbench({ maxConcurrent: 3 });
    let now: Files = files;
    let built = 0;
    for (let step = 0; step < 25; step += 1) {
      now = change(now, random);
      const overlay = overlayOf(random);
      const path = pick(["app", "base", "other", ""], random);
      await using fresh = await openWorkbench();
      const [remembered, anew] = await Promise.all([bench.build(now, path, overlay), fresh.build(now, path, overlay)]);
      assert.deepEqual(remembered, anew, `step ${step} of LEAT_SEED=${seed}`);
      if (anew.kind === "built") built += 1;
    }
    assert.ok(built > 0, "no step was one that builds");
  });
});

function inputsOf(build: Build): string {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.inputs;
}

function change(now: Files, random: () => number): Files {
  const path = pick(Object.keys(files), random);
  const { [path]: _removed, ...others } = now;
  const original = files[path] ?? "";
  const texts = [
    original,
    original,
    `${original}\n# ${random()}\n`,
    original.replaceAll("1", String(Math.floor(random() * 3))),
  ];
  return random() < 0.05 ? others : { ...now, [path]: pick(texts, random) };
}

function overlayOf(random: () => number): Overlay {
  const overlay: Overlay = {};
  if (random() < 0.3) overlay.targetNamespace = pick(["x", "y"], random);
  if (random() < 0.3) overlay.namePrefix = pick(["a-", "b-"], random);
  if (random() < 0.2) overlay.images = [{ name: "nginx", newTag: pick(["1", "2"], random) }];
  if (random() < 0.2) overlay.buildMetadata = pick([["originAnnotations"], []], random);
  return overlay;
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  assert.ok(item !== undefined);
  return item;
}

/** Random numbers between 0 and 1 that a seed repeats (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
