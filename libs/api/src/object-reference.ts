import type { GroupKind } from "./group-kind.ts";

/**
 * What an object needs another one for: `source`, to take its artifact; `dependency`, to wait until it is ready; `config`, to
 * read a ConfigMap or Secret.
 */
export type ReferenceRole = "source" | "dependency" | "config";

/** An object that another one refers to. */
export interface ObjectReference extends GroupKind {
  role: ReferenceRole;
  namespace: string;
  name: string;
}

/** A reference as a spec has it. Without a namespace, the object is in that of the referring one. */
export interface SpecReference {
  role: ReferenceRole;
  /** The kind of the object. */
  of: GroupKind | undefined;
  /** `undefined` where the spec has no such reference. */
  to: { name: string; namespace?: string | undefined } | undefined;
}

/** @param namespace that of the referring object */
export function resolveReferences(references: readonly SpecReference[], namespace: string): ObjectReference[] {
  return references.flatMap(({ role, of, to }) =>
    of === undefined || to === undefined
      ? []
      : [{ role, group: of.group, kind: of.kind, namespace: to.namespace || namespace, name: to.name }],
  );
}
