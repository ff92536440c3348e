import { keyOfKind, type KubeObject, type ObjectReference } from "@leat/api";
import type { Change } from "@leat/kube";
import type { ObjectKey } from "../definition.ts";

/** The objects of one kind, by what they refer to. */
export interface ReferenceIndex {
  /** To be called for every change of an object of the kind. */
  changed: (change: Change<KubeObject>) => void;
  /** The objects that refer to another one in that role. */
  referrersTo: (target: ObjectReference) => ObjectKey[];
}

/** @param referencesOf what an object of the kind refers to; a function of its spec and its namespace alone */
export function createReferenceIndex(referencesOf: (object: KubeObject) => ObjectReference[]): ReferenceIndex {
  const referrers = new Map<string, Map<string, ObjectKey>>();

  function add(target: string, referrer: ObjectKey): void {
    referrers.getOrInsertComputed(target, () => new Map()).set(textOf(referrer), referrer);
  }

  function remove(target: string, referrer: ObjectKey): void {
    const left = referrers.get(target);
    left?.delete(textOf(referrer));
    if (left?.size === 0) referrers.delete(target);
  }

  function each(object: KubeObject, visit: (target: string, referrer: ObjectKey) => void): void {
    const referrer = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
    for (const reference of referencesOf(object)) visit(targetOf(reference), referrer);
  }

  return {
    changed: ({ before, after }) => {
      if (before && after && before.metadata.generation === after.metadata.generation) return;
      if (before) each(before, remove);
      if (after) each(after, add);
    },
    referrersTo: (target) => [...(referrers.get(targetOf(target))?.values() ?? [])],
  };
}

function targetOf({ role, group, kind, namespace, name }: ObjectReference): string {
  return `${role} ${keyOfKind({ group, kind })}/${namespace}/${name}`;
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
