import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { type Random, randomFrom } from "@leat/testing";
import { configMap, type Files, openWorkbench } from "../test/fixture.ts";
import { generateKustomization } from "./generate.ts";
import { harmless, peculiar } from "../test/documents.ts";
import type { Build } from "./index.ts";
import { createRepository } from "./repository.ts";

const bench = await openWorkbench();
after(() => bench[Symbol.asyncDispose]());

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 15);

const separators = [
  "---\n",
  "--- # comment\n",
  "---   \n",
  "---\r\n",
  "---\n---\n",
  "\n---\n\n",
  "--- text\n",
  "----\n",
  "---\n...\n",
];

const together = (texts: readonly string[], separator = "\n---\n") => ({ "app/all.yaml": texts.join(separator) });

const lists: Array<[what: string, files: Files]> = [
  ...Object.entries({ ...harmless, ...peculiar }).flatMap(([what, document]): Array<[string, Files]> => {
    const odd = document.replaceAll("NAME", "odd");
    return [
      [`${what}, in a file of its own`, { ...filler("app", 120), "app/m.yaml": odd }],
      [`${what}, among others in one file`, together([...configMaps(60), odd, ...configMaps(60, 60)])],
    ];
  }),
  ...separators.map((separator): [string, Files] => [
    `documents separated by ${JSON.stringify(separator)}`,
    together(
      configMaps(120).map((text) => `${text}\n`),
      separator,
    ),
  ]),
  ["lines that end as on Windows", withLineEnds("\r\n")],
  ["lines that end with two carriage returns", withLineEnds("\r\r\n")],
  [
    "files with unusual names",
    { ...filler("app/ @+,~&#!$%^[]{};'\"`|<>?*\\é日\u2028", 60), ...filler("app/a:b", 60, 60) },
  ],
  ["unusual names, none with a colon", filler("app/ @+,~&#!$%^[]{};'\"`|<>?*\\é日\u2028\ufeff", 120)],
  ["a file with a byte order mark", together([`\ufeff${configMap("first")}`, ...configMaps(120)])],
];

suite("a list that is built in parts comes out as from kustomize", () => {
  for (const [what, files] of lists) {
    test(what, async () => {
      await sameBuild(files);
    });
  }
});

suite("two objects with the same name are rejected as by kustomize", () => {
  const again = configMap("c7");
  const cases: Record<string, Files> = {
    "in two files": { ...filler("app", 120), "app/z.yaml": again },
    "in one file": { "app/all.yaml": [...configMaps(120), again].join("\n---\n") },
    "one of them in the default namespace": {
      ...filler("app", 120),
      "app/z.yaml": again.replace("  name: c7", "  name: c7\n  namespace: default"),
    },
    "both of them local": {
      ...filler("app", 120),
      "app/y.yaml": harmless["a local configuration"]?.replaceAll("NAME", "local") ?? "",
      "app/z.yaml": harmless["a local configuration"]?.replaceAll("NAME", "local") ?? "",
    },
    "a file listed twice": {
      ...filler("app", 120),
      "app/kustomization.yaml": "resources: [c0.yaml, c1.yaml, ./c0.yaml, all.yaml]\n",
      "app/all.yaml": configMaps(120, 1000).join("---\n"),
    },
  };
  for (const [how, files] of Object.entries(cases))
    test(how, async () => assert.equal(await sameBuild(files), "rejected"));
});

suite("a kustomization of the user that only lists files", () => {
  const list = JSON.stringify(Array.from({ length: 120 }, (_, index) => `../base/c${119 - index}.yaml`));
  for (const more of [
    "",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
    "buildMetadata: [managedByLabel, originAnnotations, transformerAnnotations]\n",
    "kind: Component\n",
    "apiVersion: v1\n",
    "namePrefix: p-\n",
  ])
    test(more, async () => {
      await sameBuild({ ...filler("base", 120), "app/kustomization.yaml": `${more}resources: ${list}\n` });
    });
});

test(`random lists come out as from kustomize (LEAT_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const mild = Object.values(harmless);
  let built = 0;
  for (let round = 0; round < rounds; round += 1) {
    const files = randomFiles(random, random.below(3) === 0 ? [...mild, ...Object.values(peculiar)] : mild);
    if ((await sameBuild(files, `round ${round} of LEAT_SEED=${seed}`)) === "built") built += 1;
  }
  assert.ok(built > rounds / 4, `only ${built} of ${rounds} were built`);
});

test("8,000 objects are built within seconds", async () => {
  const files = { "app/all.yaml": configMaps(4000).join("---\n"), ...filler("app", 4000, 4000) };
  const started = performance.now();
  const build = await bench.build(files, "app");
  assert.equal(build.kind === "built" && build.objects.length, 8000);
  assert.ok(performance.now() - started < 20_000);
});

/** The renderer builds a list of more than a hundred documents in parts, but not if it has options for the order. */
async function sameBuild(files: Files, what = ""): Promise<Build["kind"]> {
  const path = "app/kustomization.yaml";
  const generated = generateKustomization(createRepository(bench.repository(files)), "app");
  const list = files[path] ?? `resources: ${JSON.stringify(generated["resources"])}\n`;
  const atOnce = { ...files, [path]: `${list}sortOptions: {order: legacy}\n` };
  const [one, other] = await Promise.all([bench.build(files, "app"), bench.build(atOnce, "app")]);
  assert.deepEqual(withoutInputs(one), withoutInputs(other), what);
  return one.kind;
}

/** Files with some two hundred documents, and directories below. */
function randomFiles(random: Random, from: readonly string[]): Files {
  const files: Record<string, string[]> = {};
  for (let index = 0; index < 200; index += 1) {
    const path = random.pick(["app/a.yaml", "app/b/b.yaml", "app/b/c.yml", `app/d/${index}.yaml`]);
    const document = random.below(4) === 0 ? random.pick(from) : configMap("NAME", { n: `${index}` });
    const end = random.pick(["\n", "\n", "", "\r\n"]);
    (files[path] ??= []).push(`${document.replaceAll("NAME", `n${index}`)}${end}`);
  }
  const joined = Object.entries(files).map(([path, texts]) => [
    path,
    texts.join(random.pick(["\n---\n", "\n--- # x\n"])),
  ]);
  return Object.fromEntries(joined) as Files;
}

function configMaps(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => configMap(`c${first + index}`, { n: `${index}` }));
}

function withLineEnds(end: string): Files {
  return together(
    configMaps(120).map((text) => text.replaceAll("\n", end)),
    `${end}---${end}`,
  );
}

function filler(directory: string, count: number, first = 0): Files {
  const files = configMaps(count, first).map((text, index) => [`${directory}/c${first + index}.yaml`, text]);
  return Object.fromEntries(files) as Files;
}

function withoutInputs(build: Build): unknown {
  return build.kind === "built" ? { ...build, inputs: undefined } : build;
}
