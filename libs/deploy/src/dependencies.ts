import { type Condition, ConditionType, type DependencyReference, isTrue, type KubeObject } from "@leat/api";
import { compile, type Expression, type Work } from "@leat/cel";
import type { Change } from "@leat/kube";
import { circleThrough } from "./dependency-circle.ts";
import { type DependencyLookup, type Dependent, nameOf, targetOf } from "./dependency-target.ts";

/** When a dependency is ready. */
export interface Readiness {
  /** The `readyExpr` of a dependency, by its index in the list: it replaces the built-in check. */
  expressions: ReadonlyMap<number, Expression>;
  /** The built-in check counts beside an expression. */
  isAdditive: boolean;
  /** What the kind requires of a ready dependency besides: why it is not ready, as the end of a sentence about it. */
  requires?: (dependency: KubeObject) => string | undefined;
}

/** Why an object has to wait for another one; `undefined` when all its dependencies are ready. */
export async function unreadyDependency(
  object: Dependent,
  lookup: DependencyLookup,
  readiness: Readiness,
  work: Work,
): Promise<string | undefined> {
  for (const [index, reference] of (object.spec.dependsOn ?? []).entries()) {
    const target = targetOf(object, reference);
    await work.turn();
    const dependency = await lookup.find(target.kind, target.namespace, target.name);
    if (!dependency) return `dependency ${nameOf(target)} does not exist`;
    const expression = readiness.expressions.get(index);
    const reason =
      (expression && unmet(expression, object, visibleTo(object, dependency, lookup))) ??
      (expression && !readiness.isAdditive ? undefined : unready(dependency, readiness));
    if (reason === undefined) continue;
    const circle = expression ? undefined : await circleThrough(object, target, lookup, work);
    const why = circle === undefined ? "" : `; they wait for each other: ${circle}`;
    return `dependency ${nameOf(target)} ${reason}${why}`;
  }
  return undefined;
}

function unmet(expression: Expression, self: Dependent, dep: object): string | undefined {
  const evaluation = expression.evaluate({ self, dep });
  if (evaluation.kind === "failed") return `is not ready: readyExpr could not be evaluated: ${evaluation.message}`;
  return evaluation.value ? undefined : "is not ready: readyExpr evaluated to false";
}

/** All of it; of another tenant's object no more than the built-in check uses, so that no expression can search the rest. */
function visibleTo(object: Dependent, dependency: KubeObject, lookup: DependencyLookup): object {
  const { apiVersion, kind, metadata } = dependency;
  const { name, namespace, generation } = metadata;
  if (!lookup.noCrossNamespaceRefs || namespace === object.metadata.namespace) return dependency;
  const { observedGeneration = 0 } = statusOf(dependency);
  const ready = readyConditionOf(dependency);
  const conditions = ready
    ? [{ type: ready.type, status: ready.status, observedGeneration: ready.observedGeneration ?? 0 }]
    : [];
  return { apiVersion, kind, metadata: { name, namespace, generation }, status: { observedGeneration, conditions } };
}

/** The built-in check. */
function unready(dependency: KubeObject, { requires }: Readiness): string | undefined {
  const { observedGeneration } = statusOf(dependency);
  const ready = readyConditionOf(dependency);
  if (dependency.metadata.generation !== observedGeneration || !ready) return "has not been reconciled yet";
  return ready.status === "True" ? requires?.(dependency) : `is not ready: ${ready.reason}`;
}

export type CompiledReadiness =
  | { kind: "compiled"; expressions: ReadonlyMap<number, Expression> }
  /** The message begins with the path of the field. */
  | { kind: "invalid"; message: string };

/**
 * The `readyExpr` of each dependency that has one.
 *
 * @throws LimitExceeded
 */
export async function compileReadiness(
  dependsOn: readonly DependencyReference[],
  work: Work,
): Promise<CompiledReadiness> {
  const expressions = new Map<number, Expression>();
  for (const [index, { readyExpr = "" }] of dependsOn.entries()) {
    if (readyExpr === "") continue;
    const compiled = await compile(readyExpr, { variables: ["self", "dep"], work });
    if (compiled.kind === "invalid") {
      return { kind: "invalid", message: `spec.dependsOn[${index}].readyExpr: ${compiled.message}` };
    }
    expressions.set(index, compiled.expression);
  }
  return { kind: "compiled", expressions };
}

/**
 * Whether a change of an object concerns one that depends on it: it has become ready, or ready at another revision. An
 * expression may wait for any change.
 *
 * @param dependent as it is stored
 */
export function dependencyChanged({ before, after }: Change<KubeObject>, dependent: KubeObject | undefined): boolean {
  if (after === undefined) return false;
  const ready = readyAt(after);
  return (ready !== undefined && ready !== readyAt(before)) || hasExpression(dependent);
}

function hasExpression(dependent: KubeObject | undefined): boolean {
  const { dependsOn = [] } = (dependent?.["spec"] ?? {}) as Partial<Dependent["spec"]>;
  return dependsOn.some(({ readyExpr }) => readyExpr !== undefined);
}

/** Generation and revision at which an object is ready; `undefined` while it is not. */
function readyAt(object: KubeObject | undefined): string | undefined {
  const { conditions, observedGeneration, lastAppliedRevision } = statusOf(object);
  return isTrue(conditions, "Ready") && observedGeneration === object?.metadata.generation
    ? `${observedGeneration} ${lastAppliedRevision}`
    : undefined;
}

/** The part of a status that says whether an object is ready. */
interface ReadinessStatus {
  conditions?: Condition[];
  observedGeneration?: number;
  lastAppliedRevision?: string;
}

function readyConditionOf(object: KubeObject): Condition | undefined {
  return statusOf(object).conditions?.find(({ type }) => type === ConditionType.Ready);
}

function statusOf(object: KubeObject | undefined): ReadinessStatus {
  return object?.["status"] ?? {};
}
