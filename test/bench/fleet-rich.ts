import type { OwnHarness } from "../harness/own-harness.ts";
import { gitRepository, kustomization, secret } from "../harness/manifests.ts";
import { type Files, startScenario } from "../harness/scenario.ts";
import { type AgeKey, ageKey, encrypted } from "../harness/sops.ts";
import { change, fileOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";

const configMapsEach = 8;

/**
 * A fleet whose Kustomizations do more than build: each patches its objects twice, sets an image, decrypts a Secret and takes
 * variables from a ConfigMap that all share and from a Secret of its own. As `fleet`: its first sync, a commit that changes
 * every object, and one that changes a single object.
 */
export async function fleetRich(harness: OwnHarness, kustomizations: number): Promise<Measured> {
  await using scenario = await startScenario(harness, "fleet-rich");
  const { taken, take } = createSteps(harness);
  const apps = Array.from({ length: kustomizations }, (_, index) => `app-${index}`);
  const key = await ageKey();
  const filesOf = (value: string) => filesOfAll(apps, { key, namespace: scenario.namespace, value });
  await scenario.apply(
    sharedVariables +
      secret("keys", { "age.agekey": key.identity }) +
      apps.map((app) => secret(app, { password: `of ${app}` })).join(""),
  );
  const first = await scenario.commit(await filesOf("1"));
  await take("first sync", async () => {
    await scenario.apply(gitRepository() + apps.map(declarationOf).join(""));
    await untilAllReady(scenario, first);
  });
  const second = await filesOf("2");
  await take("every object changes", () => change(scenario, second));
  await take("one object changes", () => change(scenario, configMapOf("app-0", 3, "3")));
  const objects = `${configMapsEach} ConfigMaps, a Deployment and an encrypted Secret`;
  const about = `${kustomizations} Kustomizations of ${objects} each, with patches, an image and variables, from one repository`;
  return { scenario: "fleet-rich", about, seconds: [], steps: taken };
}

const sharedVariables = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster}\ndata: {region: north}\n---\n";

interface Contents {
  key: AgeKey;
  namespace: string;
  value: string;
}

async function filesOfAll(apps: readonly string[], contents: Contents): Promise<Files> {
  const files: Record<string, string> = {};
  for (const app of apps) Object.assign(files, await folderOf(app, contents));
  return files;
}

/** All that a Kustomization applies. */
async function folderOf(app: string, { key, namespace, value }: Contents): Promise<Files> {
  const configMaps = Array.from({ length: configMapsEach }, (_, index) => configMapOf(app, index, value));
  const credentials = `apiVersion: v1
kind: Secret
metadata: {name: ${app}-credentials, namespace: ${namespace}}
stringData: {token: token-${value}-of-${app}}
`;
  const ciphertext = await encrypted(key, "secret.yaml", credentials, ["--encrypted-regex", "^stringData$"]);
  const others = { [`${app}/deployment.yaml`]: deploymentOf(app, value), [`${app}/secret.yaml`]: ciphertext };
  return Object.assign(others, ...configMaps);
}

function configMapOf(app: string, index: number, value: string): Files {
  return fileOf(app, index, `${value} in \${region} with \${password}`);
}

function deploymentOf(app: string, value: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${app}, namespace: "{{ns}}", annotations: {value: "${value}"}}
spec:
  replicas: 0
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: app, image: "example.org/app:1.0.0", args: ["--region=\${region}"]}]}
`;
}

function declarationOf(app: string): string {
  return kustomization(
    app,
    `  path: ./${app}
  prune: true
  images: [{name: example.org/app, newTag: 2.0.0}]
  patches:
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/revisionHistoryLimit", "value": 2}]'
  - target: {kind: ConfigMap}
    patch: '[{"op": "add", "path": "/metadata/labels", "value": {"part-of": "${app}"}}]'
  decryption: {provider: sops, secretRef: {name: keys}}
  postBuild:
    substituteFrom: [{kind: ConfigMap, name: cluster}, {kind: Secret, name: ${app}}]`,
  );
}
