import type { KubeObject } from "@leat/api";

/** Enough to find one object in a cluster. `namespace` is absent for what is cluster-scoped. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
}

export function nameOf({ apiVersion, kind, metadata }: KubeObject): ObjectName {
  return { apiVersion, kind, namespace: metadata.namespace || undefined, name: metadata.name };
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how people are told of an object. */
export function subjectOf({ kind, namespace, name }: Pick<ObjectName, "kind" | "namespace" | "name">): string {
  return namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`;
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}
