import { type DependencyReference, type KubeObject, Kustomization, type KustomizationStatus } from "@leat/api";
import type { Expression } from "@leat/cel";

export type DependencyKind = NonNullable<DependencyReference["kind"]>;

export interface DependencyLookup {
  /** The object as it is known now. */
  find: (kind: DependencyKind, namespace: string, name: string) => Promise<KubeObject | undefined>;
  /** An expression would answer any question about what another tenant declares, so that it then sees none of it. */
  noCrossNamespaceRefs: boolean;
}

/** What a dependency is judged by. */
export interface Judging {
  /** That of the object itself: a dependency with the same source has to have applied the same. */
  revision: string;
  /** What is asked in the place of the built-in check, by the place of the dependency in the list. */
  readiness: ReadonlyMap<number, Expression>;
  /** The expressions are asked in addition to the built-in check. */
  isAdditive: boolean;
}

/** Why the Kustomization has to wait for another object; `undefined` where all it depends on is ready. */
export async function unreadyDependency(
  object: Kustomization,
  lookup: DependencyLookup,
  judging: Judging,
): Promise<string | undefined> {
  for (const [index, reference] of (object.spec.dependsOn ?? []).entries()) {
    const { kind = "Kustomization", namespace = object.metadata.namespace, name } = reference;
    const subject = `${kind}/${namespace}/${name}`;
    const dependency = await lookup.find(kind, namespace, name);
    if (!dependency) return `dependency ${subject} does not exist`;
    const expression = judging.readiness.get(index);
    const reason =
      (expression && whyNotByExpression(expression, object, visibleTo(object, dependency, lookup))) ??
      (expression && !judging.isAdditive ? undefined : whyUnready(object, dependency, judging.revision));
    if (reason !== undefined) return `dependency ${subject} ${reason}`;
  }
  return undefined;
}

function whyNotByExpression(expression: Expression, self: Kustomization, dep: object): string | undefined {
  const evaluation = expression.evaluate({ self, dep });
  if (evaluation.kind === "failed")
    return `is not known to be ready: its readyExpr says nothing: ${evaluation.message}`;
  return evaluation.value ? undefined : "is not ready: its readyExpr is not true yet";
}

/** All of it, or what it tells of itself. Its annotations may hold what it declares, as those of kubectl do. */
function visibleTo(object: Kustomization, dependency: KubeObject, lookup: DependencyLookup): object {
  const { apiVersion, kind, metadata, status } = dependency;
  const { name, namespace, generation, labels } = metadata;
  if (!lookup.noCrossNamespaceRefs || namespace === object.metadata.namespace) return dependency;
  return { apiVersion, kind, metadata: { name, namespace, generation, ...(labels && { labels }) }, status };
}

function whyUnready(object: Kustomization, dependency: KubeObject, revision: string): string | undefined {
  const { conditions, observedGeneration, lastAppliedRevision } = (dependency["status"] ??
    {}) as Partial<KustomizationStatus>;
  const ready = conditions?.find(({ type }) => type === "Ready");
  if (dependency.metadata.generation !== observedGeneration || !ready) return "has not been reconciled yet";
  if (ready.status !== "True") return `is not ready: ${ready.reason}`;
  if (hasSameSource(object, dependency) && lastAppliedRevision !== revision) {
    return `has not applied revision ${revision} yet`;
  }
  return undefined;
}

function hasSameSource(object: Kustomization, dependency: KubeObject): boolean {
  return dependency.kind === Kustomization.kind && sourceKey(object) === sourceKey(Kustomization.parse(dependency));
}

function sourceKey({ metadata, spec: { sourceRef } }: Kustomization): string {
  return `${sourceRef.kind}/${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
}
