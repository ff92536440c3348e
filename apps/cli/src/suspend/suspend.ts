import type { KubeObject } from "@leat/api";
import type { Kube, ObjectRef } from "@leat/kube";
import { fieldManager } from "../cluster/field-manager.ts";

/** On a suspended object: why, in the words of who suspended it. */
export const suspendReasonAnnotation = "leat.dev/suspend-reason";

/** Tells an object's controller to leave it alone. */
export async function suspend(
  kube: Kube,
  ref: ObjectRef,
  { reason, signal }: { reason: string | undefined; signal: AbortSignal },
): Promise<KubeObject> {
  // Without a reason, one of before does not hold any more.
  const annotations = { [suspendReasonAnnotation]: reason ?? null };
  const body = { metadata: { annotations }, spec: { suspend: true } };
  return kube.patch(ref, { type: "merge", body }, { fieldManager, signal });
}

/** Lets an object's controller go on. */
export async function resume(kube: Kube, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
  const body = { metadata: { annotations: { [suspendReasonAnnotation]: null } }, spec: { suspend: null } };
  return kube.patch(ref, { type: "merge", body }, { fieldManager, signal });
}
