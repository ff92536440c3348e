import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, randomFrom } from "@leat/testing";
import { configMap, deployment, type Files, openWorkbench } from "../test/fixture.ts";
import type { Build, Overlay } from "./index.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 40);

test(`the renderer builds what the binary builds (LEAT_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  await using rendered = await openWorkbench();
  await using byBinary = await openWorkbench({ renderer: async () => undefined });
  let built = 0;
  // Some seeds break much: their rounds go on until enough was built to compare.
  const isEnough = () => built > rounds / 4;
  for (let round = 0; round < rounds || (!isEnough() && round < 10 * rounds); round += 1) {
    const files = repositoryOf(random);
    const overlay = overlayOf(random);
    const [one, other] = await Promise.all([
      rendered.build(files, "app", overlay),
      byBinary.build(files, "app", overlay),
    ]);
    assert.deepEqual(withoutInputs(one), withoutInputs(other), `round ${round} of LEAT_SEED=${seed}: ${show(files)}`);
    if (one.kind === "built" && one.objects.length > 0) built += 1;
  }
  assert.ok(isEnough(), `only ${built} of ${rounds} were built`);
});

/** A base, an overlay and a component with random fields; some of it cannot be built. */
function repositoryOf(random: Random): Files {
  const names = ["one", "two", "three"].slice(0, 1 + random.below(3));
  const files: Record<string, string> = {};
  for (const name of names) files[`base/${name}.yaml`] = objectOf(name, random);
  const maybe = (text: string) => (random.below(3) === 0 ? `${text}\n` : "");
  files["base/kustomization.yaml"] = [
    `resources: [${names.map((name) => `${name}.yaml`).join()}]\n`,
    maybe("namePrefix: base-"),
    maybe("labels: [{pairs: {tier: web}, includeSelectors: true}]"),
    maybe("configMapGenerator: [{name: settings, literals: [a=1, 'b=yes', 'c=0644']}]"),
  ].join("");
  files["app/kustomization.yaml"] = [
    random.below(20) === 0 ? "resources: [../base, missing.yaml]\n" : "resources: [../base]\n",
    maybe("namespace: overlaid"),
    maybe("nameSuffix: -app"),
    maybe("images: [{name: nginx, newTag: '2'}]"),
    maybe("replicas: [{name: two, count: 3}]"),
    maybe("components: [../part]"),
    maybe("commonAnnotations: {switch: 'off', n: '1_000'}"),
    maybe("patches: [{path: patch.yaml, target: {kind: Deployment}}]"),
    maybe("secretGenerator: [{name: keys, files: [key.txt], envs: [key.env]}]\ngeneratorOptions: {immutable: true}"),
    maybe("sortOptions: {order: fifo}"),
    maybe("buildMetadata: [originAnnotations, managedByLabel]"),
    maybe(
      "replacements: [{source: {kind: ConfigMap, name: one, fieldPath: data.a}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]",
    ),
  ].join("");
  files["app/patch.yaml"] = "- {op: add, path: /spec/paused, value: true}\n";
  files["app/key.txt"] = String.fromCodePoint(...Array.from({ length: 20 }, () => 32 + random.below(500)));
  files["app/key.env"] = "A=1\nB='two'\n";
  files["part/kustomization.yaml"] =
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: part, literals: [x=y]}]\n";
  return files;
}

function objectOf(name: string, random: Random): string {
  const values = [
    "yes",
    "0644",
    "1e3",
    "true",
    "'1'",
    "0x1F",
    "~",
    "1.50",
    '"a: b"',
    "12345678901234567890",
    "2026-01-02",
    "|\n    two\n    lines\n",
    "'\\u2028'",
  ];
  switch (random.below(4)) {
    case 0:
      return deployment(name, "nginx:1");
    case 1:
      return `apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: ${name}}\nspec:\n  value: ${random.pick(values)}\n  list: [${random.below(9)}, ${random.below(9)}.5, {a: null}]\n`;
    case 2:
      return `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: {a: x}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}-2}}\n`;
    default:
      return configMap(name, { a: random.pick(["1", "yes", " x ", "a\nb\n", "", "#"]) });
  }
}

function overlayOf(random: Random): Overlay {
  const overlay: Overlay = {};
  if (random.below(4) === 0) overlay.targetNamespace = "target";
  if (random.below(4) === 0) overlay.images = [{ name: "nginx", newTag: "3" }];
  if (random.below(4) === 0) overlay.components = ["../part"];
  if (random.below(4) === 0) overlay.patches = [{ patch: "- {op: remove, path: /spec}", target: { kind: "Thing" } }];
  return overlay;
}

function withoutInputs(build: Build): unknown {
  return build.kind === "built" ? { ...build, inputs: undefined } : build;
}

function show(files: Files): string {
  return JSON.stringify(files, undefined, 1);
}
