import { Fault, type KubeObject, type Resource } from "@leat/api";
import type { ObjectRef } from "./kube.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `v1` or `group/version`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Path of a resource's objects: in one namespace where it is given, else in all. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === "" ? "/api" : "/apis";
  const within = resource.namespaced && namespace ? `/namespaces/${segment(namespace)}` : "";
  return `${root}/${apiVersionOf(resource)}${within}/${resource.plural}`;
}

/**
 * Path of one object. Names keep their capitals; colons and the like are percent-encoded.
 *
 * @throws Fault `InvalidReference` where name or namespace is missing or cannot be part of a path
 */
export function objectPath({ resource, namespace, name }: ObjectRef, subresource?: string): string {
  if (resource.namespaced && !namespace)
    throw new Fault("InvalidReference", `${resource.kind} ${name} needs a namespace`);
  const path = `${collectionPath(resource, namespace)}/${segment(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function refOf(resource: Resource, { metadata }: KubeObject): ObjectRef {
  return { resource, namespace: metadata.namespace, name: metadata.name };
}

/** Leaves out what is undefined. */
export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

function segment(name: string): string {
  // A server would resolve "." and ".." to another path, and so to other objects.
  if (!name || name === "." || name === "..")
    throw new Fault("InvalidReference", `${JSON.stringify(name)} is not a valid object name`);
  return encodeURIComponent(name);
}
