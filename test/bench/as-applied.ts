import { core, type KubeObject } from "@leat/api";
import { parseYamlDocuments } from "@leat/yaml";
import type { Scenario } from "../harness/scenario.ts";
import { inLanes } from "./lanes.ts";

/** A Kustomization that is to be in the cluster as if it had been applied long ago. */
export interface App {
  name: string;
  repository: string;
  /** Commit of the repository. */
  sha: string;
  /** Its manifests, one ConfigMap each. */
  manifests: readonly string[];
}

const fieldManager = "kustomize-controller";
const group = "kustomize.toolkit.fluxcd.io";

/**
 * Writes Kustomizations, their objects and their statuses as the controllers would have, which takes the machine a fraction of the time.
 *
 * @param model a Kustomization that the controllers have applied: the others differ from it in names and revision alone
 */
export async function writeAsApplied(
  { kube, namespace }: Scenario,
  model: { app: App; object: KubeObject },
  apps: readonly App[],
): Promise<void> {
  const resource = await kube.resourceOf(`${group}/v1`, "Kustomization");
  if (!resource) throw new Error("there is no kind Kustomization");
  await inLanes(apps, async (app) => {
    const labels = { [`${group}/name`]: app.name, [`${group}/namespace`]: namespace };
    for (const manifest of app.manifests) {
      const [object] = parseYamlDocuments(manifest, "manifest") as KubeObject[];
      if (object === undefined) continue;
      const labelled = { ...object, metadata: { ...object.metadata, labels } };
      await kube.apply(core.ConfigMap, labelled, { fieldManager, force: true, metadataOnly: true });
    }
    const { metadata, ...fields } = JSON.parse(renamed(model, app)) as KubeObject;
    const { name, labels: own = {}, finalizers = [] } = metadata;
    const created = { ...fields, metadata: { name, namespace, labels: own, finalizers } };
    await kube.create(resource, created, { fieldManager: "user" });
    const status = { type: "merge", body: { status: fields["status"] } } as const;
    await kube.patch({ resource, namespace, name }, status, { fieldManager, subresource: "status" });
  });
}

/** No other text of a Kustomization ends like the names of apps and repositories. */
function renamed({ app: model, object }: { app: App; object: KubeObject }, { name, repository, sha }: App): string {
  return JSON.stringify(object)
    .replaceAll(new RegExp(`${model.name}(?![0-9])`, "g"), name)
    .replaceAll(new RegExp(`${model.repository}(?![0-9])`, "g"), repository)
    .replaceAll(model.sha, sha);
}
