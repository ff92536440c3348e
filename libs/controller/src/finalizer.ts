import { finalizer, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { type RunContext, refOf } from "./run-context.ts";

export function hasFinalizer({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(finalizer) === true;
}

/** @returns the object with our finalizer; `undefined` where it is gone */
export async function withFinalizer(context: RunContext, stored: KubeObject): Promise<KubeObject | undefined> {
  if (hasFinalizer(stored)) return stored;
  return writeFinalizers(context, stored, [...(stored.metadata.finalizers ?? []), finalizer]);
}

/** Lets the API server delete the object. */
export async function removeFinalizer(context: RunContext, stored: KubeObject): Promise<void> {
  const others = (stored.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  await writeFinalizers(context, stored, others);
}

/** The resourceVersion makes sure that no finalizer of somebody else is lost. */
async function writeFinalizers(
  context: RunContext,
  stored: KubeObject,
  finalizers: string[],
): Promise<KubeObject | undefined> {
  const { resourceVersion, uid } = stored.metadata;
  const body = { metadata: { finalizers, resourceVersion, uid } };
  try {
    const { fieldManager } = context.definition;
    const after = await context.kube.patch(refOf(context), { type: "merge", body }, { fieldManager });
    context.wrote(after);
    return after;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}
