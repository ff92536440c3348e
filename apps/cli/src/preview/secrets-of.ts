import { core, type KubeObject, type Kustomization } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";
import { isSecret, valuesOf } from "./mask.ts";

/** Values that nobody may read in what is printed, as far as the objects tell. */
export function secretsOf(
  declared: ReadonlyArray<{ object: KubeObject; secrets?: readonly string[] | undefined }>,
): string[] {
  return declared.flatMap(({ object, secrets: own = [] }) => [...own, ...(isSecret(object) ? valuesOf(object) : [])]);
}

/**
 * Values of the Secrets that variables come from: also those that are no longer used, and are still in the cluster's objects.
 * One that may not be read tells nothing to whom it is hidden from.
 */
export async function secretVariables(
  kube: Kube,
  kustomizations: readonly Kustomization[],
  signal: AbortSignal,
): Promise<string[]> {
  const named = kustomizations.flatMap(({ metadata: { namespace }, spec }) =>
    (spec.postBuild?.substituteFrom ?? [])
      .filter(({ kind }) => kind === "Secret")
      .map(({ name }) => ({ namespace, name })),
  );
  const read = await Promise.all(
    named.map(async (key) => {
      try {
        const secret = await kube.get({ resource: core.Secret, ...key }, { signal });
        return secret === undefined ? [] : valuesOf(secret);
      } catch (error) {
        if (error instanceof ApiError) return [];
        throw error;
      }
    }),
  );
  return read.flat();
}
