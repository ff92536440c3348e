/** A kind of objects, in any version of its API group. */
export interface GroupKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
}

/** Identifies a kind, as in `Deployment.apps`; the kind alone for the core group. */
export function keyOfKind({ group, kind }: GroupKind): string {
  return group === "" ? kind : `${kind}.${group}`;
}

export function isSameKind(one: GroupKind, other: GroupKind): boolean {
  return one.kind === other.kind && one.group === other.group;
}

/** The kind of an object. */
export function groupKindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): GroupKind {
  return { group: groupOf(apiVersion), kind };
}

/** The API group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
