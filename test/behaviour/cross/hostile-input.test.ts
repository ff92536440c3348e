/**
 * Input that is made to exhaust the controller (YAML bombs, cyclic kustomizations, huge files, endless expressions): it
 * is rejected with a reason, and other tenants are reconciled meanwhile.
 */
import assert from "node:assert/strict";
import { after, before, suite } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { deploy, push } from "../../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Files, type Scenario, startScenario } from "../../harness/scenario.ts";

let harness: OwnHarness;
let neighbour: Scenario;
before(async () => {
  harness = await startHarness();
  neighbour = await startScenario(harness, "neighbour");
  await deploy(neighbour, { "app/one.yaml": configMap("one", "0") });
});
after(async () => {
  await neighbour[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

interface Attack {
  about: string;
  files?: Files;
  /** Of the Kustomization. */
  spec?: string;
  /** Of the rejection; absent for what goes on until its timeout. */
  words?: RegExp;
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

const attacks: Attack[] = [
  {
    about: "aliases that multiply",
    files: {
      "app/bomb.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: bomb}
a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]
${lines(12, (index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(", ")}]`)}
`,
    },
    words: /bomb\.yaml/,
  },
  { about: "lists within lists", files: { "app/deep.yaml": `${"[".repeat(200_000)}\n` }, words: /deep\.yaml/ },
  {
    about: "a hundred thousand documents",
    files: {
      "app/many.yaml": lines(100_000, (index) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}`),
    },
  },
  {
    about: "a value of a hundred megabytes",
    files: { "app/huge.yaml": configMap("huge", "x".repeat(100_000_000)) },
    words: /huge\.yaml has 100000\d+ bytes/,
  },
  {
    about: "a kustomization of itself",
    files: { "app/kustomization.yaml": "resources: [../app]\n" },
    words: /cycle detected/,
  },
  {
    about: "kustomizations that double",
    files: Object.assign(
      { "app/kustomization.yaml": "resources: [a0/x, a0/y]\n" },
      ...Array.from({ length: 24 }, (_, index) => ({
        [`app/a${index}/x/kustomization.yaml`]: `namePrefix: x-\nresources: [../../a${index + 1}/x, ../../a${index + 1}/y]\n`,
        [`app/a${index}/y/kustomization.yaml`]: `namePrefix: y-\nresources: [../../a${index + 1}/x, ../../a${index + 1}/y]\n`,
      })),
      { "app/a24/x/kustomization.yaml": "resources: [one.yaml]\n", "app/a24/x/one.yaml": configMap("one") },
      { "app/a24/y/kustomization.yaml": "resources: [one.yaml]\n", "app/a24/y/one.yaml": configMap("two") },
    ),
    words: /more than 10000 kustomizations/,
  },
  {
    about: "variables within variables",
    files: { "app/one.yaml": configMap("one", `${"${a:=".repeat(5_000)}x${"}".repeat(5_000)}`) },
    spec: "  path: ./app\n  prune: true\n  postBuild: {substitute: {b: c}}",
    words: /app\/one\.yaml.*nested deeper than 50/,
  },
  {
    about: "an expression of health that never ends",
    files: { "app/one.yaml": configMap("one") },
    spec: `  path: ./app
  prune: true
  wait: true
  healthCheckExprs:
  - apiVersion: v1
    kind: ConfigMap
    current: "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, [1,2,3,4,5,6,7,8,9].all(f, [1,2,3,4,5,6,7,8,9].all(g, [1,2,3,4,5,6,7,8,9].all(h, [1,2,3,4,5,6,7,8,9].all(i, a+b+c+d+e+f+g+h+i > 0)))))))))"`,
  },
  {
    about: "a pattern of a patch that backtracks",
    files: { "app/one.yaml": configMap("a".repeat(60)), "app/two.yaml": "a: [" },
    spec: `  path: ./app
  prune: true
  patches: [{target: {name: "(a+)+b"}, patch: '[{"op": "add", "path": "/data/a", "value": "b"}]'}]`,
    words: /two\.yaml/,
  },
];

suite("nobody else is kept waiting by", () => {
  for (const { about, files = {}, spec, words } of attacks) {
    testBeyondFlux(
      () => harness,
      about,
      async () => {
        await using scenario = await startScenario(harness, "hostile");
        await scenario.commit(files);
        await scenario.apply(gitRepository() + kustomization("app", spec));
        await scenario.untilReady("GitRepository/repo");
        await untilServed(about);
        if (words === undefined) return;
        const rejected = await scenario.until("Kustomization/app", "to be rejected", (object) => {
          const { status, reason } = conditionOf(object, "Ready") ?? {};
          return status === "False" && reason !== "ArtifactFailed";
        });
        assert.match(conditionOf(rejected, "Ready")?.message ?? "", words);
      },
    );
  }
});

/** Somebody else's commit arrives. */
async function untilServed(value: string): Promise<void> {
  const sha = await push(neighbour, { "app/one.yaml": configMap("one", value) });
  await neighbour.untilReady("Kustomization/app", sha);
}
