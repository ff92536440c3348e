import { kinds } from "@leat/api";
import type { Kube } from "@leat/kube";

/**
 * Removes the scenario's own kinds, so that the controllers hold nothing of it for the rest of the run. Suspended objects go without
 * their applied objects being deleted. The namespace stays: to delete it would cost some hundred requests.
 */
export async function removeDeclared(kube: Kube, namespace: string): Promise<void> {
  const lists = kinds.map(async (resource) => {
    const { objects } = await kube.list({ resource, namespace });
    return objects.map(({ metadata: { name } }) => ({ resource, namespace, name }));
  });
  const refs = (await Promise.all(lists)).flat();
  const body = { spec: { suspend: true } };
  const removals = refs.map(async (ref) => {
    await kube.patch(ref, { type: "merge", body }, { fieldManager: "user" });
    await kube.delete(ref);
  });
  // An object may be gone meanwhile.
  await Promise.allSettled(removals);
}
