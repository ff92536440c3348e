import { type Condition, type KubeObject, Kustomization } from "@leat/api";

export interface DependencyLookup {
  /** The Kustomization as it is known now. */
  find: (namespace: string, name: string) => Promise<KubeObject | undefined>;
}

/**
 * Why the Kustomization has to wait for another one; `undefined` where all it depends on is ready. A dependency with the
 * same source has to have applied the same revision.
 */
export async function unreadyDependency(
  object: Kustomization,
  revision: string,
  lookup: DependencyLookup,
): Promise<string | undefined> {
  for (const { name, namespace = object.metadata.namespace } of object.spec.dependsOn ?? []) {
    const subject = `Kustomization/${namespace}/${name}`;
    const found = await lookup.find(namespace, name);
    if (!found) return `dependency ${subject} does not exist`;
    const reason = whyUnready(object, Kustomization.parse(found), revision);
    if (reason !== undefined) return `dependency ${subject} ${reason}`;
  }
  return undefined;
}

function whyUnready(object: Kustomization, dependency: Kustomization, revision: string): string | undefined {
  const { metadata, status } = dependency;
  const ready = status.conditions?.find(({ type }: Condition) => type === "Ready");
  if (metadata.generation !== status.observedGeneration || !ready) return "has not been reconciled yet";
  if (ready.status !== "True") return `is not ready: ${ready.reason}`;
  if (sourceKey(object) === sourceKey(dependency) && status.lastAppliedRevision !== revision) {
    return `has not applied revision ${revision} yet`;
  }
  return undefined;
}

function sourceKey({ metadata, spec: { sourceRef } }: Kustomization): string {
  return `${sourceRef.kind}/${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
}
