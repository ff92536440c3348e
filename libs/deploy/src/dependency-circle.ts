import type { Work } from "@leat/cel";
import { type DependencyLookup, type DependencyTarget, type Dependent, nameOf, targetOf } from "./dependency-target.ts";

/** References that are followed; what is further away is not searched. */
const mostFollowed = 100;
/** Names of a circle in a message. */
const mostShown = 10;

interface Step {
  target: DependencyTarget;
  /** The step that has led here. */
  from: Step | undefined;
}

/**
 * The shortest circle that leads from an object over one of its dependencies back to it, as `Kind/namespace/name -> …`: the
 * objects in it wait for each other forever. References with a `readyExpr` are not followed, as it may be true before the
 * dependency is ready. With `--no-cross-namespace-refs`, objects of other namespaces are not followed: it would reveal what
 * they depend on.
 */
export async function circleThrough(
  object: Dependent,
  dependency: DependencyTarget,
  lookup: DependencyLookup,
  work: Work,
): Promise<string | undefined> {
  const self = nameOf(targetOf(object, object.metadata));
  const steps: Step[] = [{ target: dependency, from: undefined }];
  const seen = new Set([nameOf(dependency)]);
  // Grows while it is read: the nearest are looked at first.
  for (const step of steps) {
    if (nameOf(step.target) === self) return shown([self, ...namesUpTo(step)]);
    for (const target of await targetsOf(step.target, object, lookup)) {
      await work.turn();
      const name = nameOf(target);
      if (seen.has(name) || seen.size >= mostFollowed) continue;
      seen.add(name);
      steps.push({ target, from: step });
    }
  }
  return undefined;
}

async function targetsOf(
  { kind, namespace, name }: DependencyTarget,
  object: Dependent,
  { find, noCrossNamespaceRefs }: DependencyLookup,
): Promise<DependencyTarget[]> {
  if (noCrossNamespaceRefs && namespace !== object.metadata.namespace) return [];
  // Without rights to read it, the object waits all the same.
  const found = (await find(kind, namespace, name).catch(() => undefined)) as Dependent | undefined;
  const references = found?.spec?.dependsOn?.slice(0, mostFollowed) ?? [];
  return references
    .filter(({ readyExpr = "" }) => readyExpr === "")
    .map((reference) => targetOf(found as Dependent, reference));
}

function namesUpTo(last: Step): string[] {
  const names: string[] = [];
  for (let step: Step | undefined = last; step; step = step.from) names.unshift(nameOf(step.target));
  return names;
}

function shown(names: string[]): string {
  const left = names.length - mostShown;
  const some = left > 0 ? [...names.slice(0, mostShown - 1), `${left} more`, ...names.slice(-1)] : names;
  return some.join(" -> ");
}
