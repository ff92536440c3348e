import type { KubeObject, Resource } from "@leat/api";
import { subjectOf } from "@leat/apply";
import type { ObjectRef } from "@leat/kube";

/** How people are told of an object that need not have been read. */
export function subjectOfRef({ resource: { kind, namespaced }, namespace, name }: ObjectRef): string {
  return subjectOf({ kind, namespace: namespaced ? namespace : undefined, name });
}

export function refOf(resource: Resource, { metadata }: KubeObject): ObjectRef {
  return { resource, namespace: metadata.namespace, name: metadata.name };
}
