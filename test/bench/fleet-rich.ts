import type { Harness } from "../harness/harness.ts";
import { gitRepository, kustomization, secret } from "../harness/manifests.ts";
import { type Files, startScenario } from "../harness/scenario.ts";
import { change, fileOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";

const configMapsEach = 9;

/**
 * A fleet whose Kustomizations do more than build: each patches its objects twice, sets an image and takes variables from a
 * ConfigMap that all share and from a Secret of its own. As `fleet`: its first sync, a commit that changes every object,
 * and one that changes a single object.
 */
export async function fleetRich(harness: Harness, kustomizations: number): Promise<Measured> {
  await using scenario = await startScenario(harness, "fleet-rich");
  const { taken, take } = createSteps(harness);
  const apps = Array.from({ length: kustomizations }, (_, index) => `app-${index}`);
  const filesOf = (value: string): Files => Object.assign({}, ...apps.map((app) => folderOf(app, value)));
  await scenario.apply(sharedVariables + apps.map((app) => secret(app, { password: `of ${app}` })).join(""));
  const first = await scenario.commit(filesOf("1"));
  await take("first sync", async () => {
    await scenario.apply(gitRepository() + apps.map(declarationOf).join(""));
    await untilAllReady(scenario, first);
  });
  await take("every object changes", () => change(scenario, filesOf("2")));
  await take("one object changes", () => change(scenario, configMapOf("app-0", 3, "3")));
  const objects = `${configMapsEach} ConfigMaps and a Deployment`;
  const about = `${kustomizations} Kustomizations of ${objects} each, with patches, an image and variables, from one repository`;
  return { scenario: "fleet-rich", about, seconds: [], steps: taken };
}

const sharedVariables = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster}\ndata: {region: north}\n---\n";

/** All that a Kustomization applies. */
function folderOf(app: string, value: string): Files {
  const configMaps = Array.from({ length: configMapsEach }, (_, index) => configMapOf(app, index, value));
  return Object.assign({ [`${app}/deployment.yaml`]: deploymentOf(app, value) }, ...configMaps);
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
  postBuild:
    substituteFrom: [{kind: ConfigMap, name: cluster}, {kind: Secret, name: ${app}}]`,
  );
}
