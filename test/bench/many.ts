import type { KubeObject } from "@leat/api";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { conditionOf, type Files, type Scenario, statusOf } from "../harness/scenario.ts";

// A thousand take a stack that limits its own requests longer than ten minutes.
const patienceMs = 1_800_000;

/** Many Kustomizations of one repository, each with a folder `app-<n>` of ConfigMaps. */
export interface Many {
  kustomizations: number;
  objectsEach: number;
}

/** Every file, with this value in every object. */
export function filesOf(many: Many, value: string): Files {
  const paths = appsOf(many).flatMap((app) => Array.from({ length: many.objectsEach }, (_, index) => [app, index]));
  return Object.assign({}, ...paths.map(([app, index]) => fileOf(`${app}`, Number(index), value))) as Files;
}

export function fileOf(app: string, index: number, value: string): Files {
  return { [`${app}/object-${index}.yaml`]: configMap(`${app}-object-${index}`, value) };
}

/** The GitRepository and the Kustomizations, all with this interval. */
export function manifestsOf(many: Many, interval: string): string {
  const apps = appsOf(many).map((app) => kustomization(app, `  path: ./${app}\n  prune: true`));
  return (gitRepository() + apps.join("")).replaceAll("\n  interval: 10m", `\n  interval: ${interval}`);
}

/** Commits, asks for the commit to be fetched and waits until all are ready at it. */
export async function change(scenario: Scenario, files: Files): Promise<void> {
  const sha = await scenario.commit(files);
  await scenario.request("GitRepository/repo");
  await untilAllReady(scenario, sha);
}

/** Watches rather than asks: to list a thousand of them again and again would cost more than what is measured. */
export async function untilAllReady({ kube, namespace }: Scenario, sha: string, labelSelector?: string): Promise<void> {
  const resource = await kube.resourceOf("kustomize.toolkit.fluxcd.io/v1", "Kustomization");
  if (!resource) throw new Error("there is no kind Kustomization");
  const missing = new Set<string>();
  const note = (object: KubeObject) => {
    if (isAt(object, sha)) missing.delete(object.metadata.name);
    else missing.add(object.metadata.name);
  };
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(patienceMs)]);
  for await (const event of kube.watch({ resource, namespace, labelSelector }, signal)) {
    if (event.type === "listed") event.objects.forEach(note);
    else if (event.type === "applied") note(event.object);
    if (missing.size === 0) stop.abort();
  }
  if (missing.size > 0) throw new Error(`not ready in time: ${[...missing].slice(0, 5).join(", ")} of ${missing.size}`);
}

function isAt(object: KubeObject, sha: string): boolean {
  return (
    conditionOf(object, "Ready")?.status === "True" && statusOf(object).lastAppliedRevision?.endsWith(sha) === true
  );
}

function appsOf({ kustomizations }: Many): string[] {
  return Array.from({ length: kustomizations }, (_, index) => `app-${index}`);
}
