import { configMap } from "../manifests.ts";
import { type Attack, lines } from "./attack.ts";

/** On what reads and renders manifests. */
export const attacksOnBuilds: Attack[] = [
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
    rejected: { words: /bomb\.yaml/ },
  },
  {
    about: "lists within lists",
    files: { "app/deep.yaml": `${"[".repeat(200_000)}\n` },
    rejected: { words: /deep\.yaml/ },
  },
  {
    about: "a hundred thousand documents",
    files: {
      "app/many.yaml": lines(100_000, (index) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}`),
    },
  },
  {
    about: "a value of a hundred megabytes",
    files: { "app/huge.yaml": configMap("huge", "x".repeat(100_000_000)) },
    rejected: { words: /huge\.yaml has 100000\d+ bytes/ },
  },
  {
    about: "a kustomization of itself",
    files: { "app/kustomization.yaml": "resources: [../app]\n" },
    rejected: { words: /cycle detected/ },
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
    rejected: { words: /more than 10000 kustomizations/ },
  },
  {
    about: "a pattern of a patch that backtracks",
    files: { "app/one.yaml": configMap("a".repeat(60)), "app/two.yaml": "a: [" },
    spec: `  path: ./app
  prune: true
  patches: [{target: {name: "(a+)+b"}, patch: '[{"op": "add", "path": "/data/a", "value": "b"}]'}]`,
    rejected: { words: /two\.yaml/ },
  },
  {
    about: "an error of kustomize that quotes 280,000 braces",
    files: {
      "app/one.yaml": configMap("one", "{".repeat(140_000)),
      "app/two.yaml": configMap("one", "{".repeat(140_000)),
    },
    rejected: { words: /ConfigMap.*one/ },
  },
  {
    about: "a patch that doubles an object thirty times",
    files: { "app/one.yaml": configMap("one", "x".repeat(1_000)) },
    spec: `  path: ./app
  prune: true
  patches:
  - target: {kind: ConfigMap}
    patch: '[${Array.from({ length: 30 }, (_, index) => `{"op": "copy", "from": "/data", "path": "/data/k${index}"}`).join(", ")}]'`,
    rejected: { words: /memory|limit|larger|long/i },
  },
];
