import { configMap, kustomization, secret } from "../manifests.ts";
import { type Attack, lines } from "./attack.ts";

const generated = { "app/kustomization.yaml": 'namespace: "{{ns}}"\nsecretGenerator: [{name: g, files: [x.ini]}]\n' };
const decryption = "  path: ./app\n  prune: true\n  decryption: {provider: sops, secretRef: {name: keys}}";
const keys = secret("keys", { "vault.token": "s.token" });
const loops = (depth: number, innermost: string) => {
  const names = Array.from({ length: depth }, (_, index) => `v${index}`);
  return names.reduceRight((body, name) => `[1,2,3,4,5,6,7,8,9].all(${name}, ${body})`, innermost);
};
const substituted = (variables: string) => `  path: ./app\n  prune: true\n  postBuild: {substitute: {${variables}}}`;
const long = "a".repeat(99_000);

/** On what decrypts, substitutes and evaluates. */
export const attacksOnRuns: Attack[] = [
  {
    about: "variables within variables",
    files: { "app/one.yaml": configMap("one", `${"${a:=".repeat(5_000)}x${"}".repeat(5_000)}`) },
    spec: substituted("b: c"),
    rejected: { words: /app\/one\.yaml.*nested deeper than 50/ },
  },
  {
    about: "patterns of variables that backtrack",
    files: {
      "app/many.yaml": lines(30, (index) => `---\n${configMap(`c${index}`, `\${long##${"*a".repeat(12)}*b}`)}`),
    },
    spec: substituted(`long: "${long}"`),
  },
  {
    about: "variables that multiply",
    files: {
      "app/one.yaml": configMap("one", `\${unset:=${`\${long//\${empty}/${"€".repeat(200)}}`.repeat(6)}}`),
    },
    spec: substituted(`long: "${long}", empty: ""`),
    rejected: { words: /app\/one\.yaml/ },
  },
  {
    about: "an expression of health that never ends",
    files: { "app/one.yaml": configMap("one") },
    spec: `  path: ./app
  prune: true
  wait: true
  healthCheckExprs:
  - {apiVersion: v1, kind: ConfigMap, current: "${loops(9, "v0 + v8 > 0")}"}`,
  },
  {
    about: "a thousand expressions about dependencies",
    files: { "app/one.yaml": configMap("one") },
    spec: `  path: ./app
  prune: true
  dependsOn:
${lines(1_000, () => `  - {name: base, readyExpr: "${loops(5, "true")}"}`)}`,
    more: kustomization("base", "  path: ./app\n  prune: true"),
  },
  {
    about: "an encrypted INI file with a line of spaces",
    files: { ...generated, "app/x.ini": `[sops]\nmac = ENC[AES256_GCM,data:AA\n[a]\n${" ".repeat(6_000)}x` },
    spec: decryption,
    more: keys,
    rejected: { words: /x\.ini/ },
  },
  {
    about: "an encrypted INI file with millions of empty lines",
    files: { ...generated, "app/x.ini": `[sops]\nmac = ENC[AES256_GCM,data:AA\n[a]\nb = """${"\n".repeat(2_000_000)}` },
    spec: decryption,
    more: keys,
    rejected: { words: /x\.ini/ },
  },
  {
    about: "hundreds of keys in a Vault that never answers",
    files: {
      "app/one.yaml": `apiVersion: v1
kind: Secret
metadata: {name: one, namespace: "{{ns}}"}
stringData: {a: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"}
sops:
  hc_vault:
${lines(
  900,
  (index) =>
    `  - {vault_address: "http://{{silent}}", engine_path: transit, key_name: k${index}, enc: "vault:v1:AA=="}`,
)}
  lastmodified: "2026-01-01T00:00:00Z"
  mac: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"
  version: 3.13.3
`,
    },
    spec: `${decryption}\n  timeout: 60m`,
    more: keys + lines(8, (index) => kustomization(`vault${index}`, `${decryption}\n  timeout: 60m`)),
  },
  {
    about: "more objects than an inventory can hold",
    files: { "app/many.yaml": lines(6_000, (index) => `---\n${configMap(`c${index}-`.padEnd(244, "x"))}`) },
    spec: "  path: ./app\n  prune: true",
    rejected: { words: /split it into several Kustomizations/ },
  },
];
