import { finalizer, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { type Attempt, refOf } from "./attempt.ts";

export function hasFinalizer({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(finalizer) === true;
}

/** @returns the object with our finalizer; `undefined` where it is gone */
export async function withFinalizer(attempt: Attempt, stored: KubeObject): Promise<KubeObject | undefined> {
  if (hasFinalizer(stored)) return stored;
  return writeFinalizers(attempt, stored, [...(stored.metadata.finalizers ?? []), finalizer]);
}

/** Lets the API server delete the object. */
export async function removeFinalizer(attempt: Attempt, stored: KubeObject): Promise<void> {
  const others = (stored.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await writeFinalizers(attempt, stored, others);
}

/** The resourceVersion makes sure that no finalizer of somebody else is lost. */
async function writeFinalizers(
  attempt: Attempt,
  stored: KubeObject,
  finalizers: string[],
): Promise<KubeObject | undefined> {
  const { resourceVersion, uid } = stored.metadata;
  const body = { metadata: { finalizers, resourceVersion, uid } };
  try {
    const { fieldManager } = attempt.definition;
    const after = await attempt.kube.patch(refOf(attempt), { type: "merge", body }, { fieldManager });
    attempt.wrote(after);
    return after;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}
