import { core, finalizer, kinds, type KubeObject, type Resource, type ResourceDefinition } from "@leat/api";
import { ApiError } from "@leat/kube";
import { fieldManager } from "../cluster/field-manager.ts";
import { KindMissing, listObjects } from "../cluster/find.ts";
import type { Cluster } from "../cluster/with-cluster.ts";

const mostConflicts = 5;

/**
 * Removes the custom resource definitions, and with them all custom resources. No controller may run: the finalizers are
 * taken away first, so that nothing waits for one, and none ever learns that an object was deleted.
 *
 * @returns how many of each there were
 */
export async function removeDefinitions(cluster: Cluster): Promise<{ objects: number; definitions: number }> {
  let objects = 0;
  const found: string[] = [];
  for (const kind of kinds) {
    const name = `${kind.plural}.${kind.group}`;
    const listed = await objectsOf(cluster, kind);
    await Promise.all(listed.map((object) => release(cluster, kind, object)));
    objects += listed.length;
    if (await cluster.kube.delete({ resource: core.CustomResourceDefinition, name }, { signal: cluster.signal }))
      found.push(name);
  }
  await Promise.all(found.map((name) => gone(cluster, name)));
  return { objects, definitions: found.length };
}

async function objectsOf(cluster: Cluster, kind: ResourceDefinition): Promise<KubeObject[]> {
  try {
    return await listObjects({ ...cluster, scope: undefined }, kind, { metadataOnly: true });
  } catch (error) {
    if (error instanceof KindMissing) return [];
    throw error;
  }
}

async function release({ kube, signal }: Cluster, resource: Resource, object: KubeObject): Promise<void> {
  const ref = { resource, namespace: object.metadata.namespace, name: object.metadata.name };
  let current: KubeObject | undefined = object;
  for (let conflicts = 0; current?.metadata.finalizers?.includes(finalizer) === true; conflicts++) {
    const { resourceVersion, finalizers } = current.metadata;
    // Of another version, the list may be another too.
    const body = { metadata: { resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) } };
    try {
      await kube.patch(ref, { type: "merge", body }, { fieldManager, metadataOnly: true, signal });
      return;
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return;
      if (!(error instanceof ApiError && error.code === 409) || conflicts >= mostConflicts) throw error;
      current = await kube.get(ref, { metadataOnly: true, signal });
    }
  }
}

/** Waits until a definition is gone. */
async function gone({ kube, signal, waitFor }: Cluster, name: string): Promise<void> {
  waitFor(`CustomResourceDefinition/${name} to be deleted`);
  const selection = {
    resource: core.CustomResourceDefinition,
    fieldSelector: `metadata.name=${name}`,
    metadataOnly: true,
  };
  for await (const event of kube.watch(selection, signal)) {
    if (event.type === "deleted" || (event.type === "listed" && event.objects.length === 0)) return;
  }
  signal.throwIfAborted();
}
