/**
 * What an object needs another one for: `source`, to take its artifact; `dependency`, to wait until it is ready; `config`, to
 * read a ConfigMap or Secret.
 */
export type ReferenceRole = "source" | "dependency" | "config";

/** An object that another one refers to. */
export interface ObjectReference {
  role: ReferenceRole;
  kind: string;
  namespace: string;
  name: string;
}

/** A reference as a spec has it. Without a namespace, the object is in that of the referring one. */
export interface SpecReference {
  role: ReferenceRole;
  kind: string;
  /** `undefined` where the spec has no such reference. */
  to: { name: string; namespace?: string | undefined } | undefined;
}

/** @param namespace that of the referring object */
export function resolveReferences(references: readonly SpecReference[], namespace: string): ObjectReference[] {
  return references.flatMap(({ role, kind, to }) =>
    to === undefined ? [] : [{ role, kind, namespace: to.namespace || namespace, name: to.name }],
  );
}
