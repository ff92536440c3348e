import { eventually } from "@leat/testing";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { type Files, type Scenario, statusOf } from "../harness/scenario.ts";

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

export async function untilAllReady({ kube, namespace }: Scenario, sha: string): Promise<void> {
  const resource = await kube.resourceOf("kustomize.toolkit.fluxcd.io/v1", "Kustomization");
  if (!resource) throw new Error("there is no kind Kustomization");
  const isThere = (object: Parameters<typeof statusOf>[0]) => {
    const { lastAppliedRevision, conditions = [] } = statusOf(object);
    const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
    return ready && lastAppliedRevision?.endsWith(sha) === true;
  };
  await eventually(async () => (await kube.list({ resource, namespace })).objects.every(isThere), {
    what: "all Kustomizations to be ready",
    timeoutMs: 600_000,
  });
}

function appsOf({ kustomizations }: Many): string[] {
  return Array.from({ length: kustomizations }, (_, index) => `app-${index}`);
}
