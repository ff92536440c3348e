import { type KubeObject, Kustomization } from "@leat/api";
import { sourceOf } from "./source.ts";

/**
 * What a Kustomization requires of a ready dependency that uses the same source: that it has applied the same revision.
 *
 * @returns why a dependency does not meet that, as the end of a sentence about it
 */
export function sameRevision(object: Kustomization, revision: string): (dependency: KubeObject) => string | undefined {
  return (dependency) => {
    if (dependency.kind !== Kustomization.kind) return undefined;
    const other = Kustomization.parse(dependency);
    return sourceOf(other) !== sourceOf(object) || other.status.lastAppliedRevision === revision
      ? undefined
      : `has not applied revision ${revision} yet`;
  };
}
