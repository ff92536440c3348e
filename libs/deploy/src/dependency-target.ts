import { dependencyKinds, type DependencyReference, type GroupKind, groupKindOf, type KubeObject } from "@leat/api";

/** An object that depends on others. */
export interface Dependent {
  apiVersion: string;
  kind: string;
  metadata: { namespace: string; name: string };
  spec: { dependsOn?: DependencyReference[] | undefined };
}

/** The object that a reference is about. */
export interface DependencyTarget {
  kind: GroupKind;
  namespace: string;
  name: string;
}

export interface DependencyLookup {
  /** The object as it is known now. */
  find: (kind: GroupKind, namespace: string, name: string) => Promise<KubeObject | undefined>;
  /** An expression could search the whole object of another tenant: it then sees Ready and generations only. */
  noCrossNamespaceRefs: boolean;
}

export function targetOf(object: Dependent, { kind, namespace, name }: DependencyReference): DependencyTarget {
  return {
    kind: kind ? dependencyKinds[kind] : groupKindOf(object),
    namespace: namespace ?? object.metadata.namespace,
    name,
  };
}

/** `Kind/namespace/name`. */
export function nameOf({ kind, namespace, name }: DependencyTarget): string {
  return `${kind.kind}/${namespace}/${name}`;
}
