import { groupOf, type IgnoreRule, type KubeObject, LimitExceeded, type Selector } from "@leat/api";
import { type LabelSelector, parseLabelSelector } from "@leat/kube";
import { maxProgramSize, programSize } from "@leat/text";
import { versionOf } from "../objects/object-name.ts";
import { Rejection } from "../objects/rejection.ts";

/** Steps from the root of an object to a field of it. */
export type Path = readonly string[];

/** The paths in an object that are left to others. */
export type IgnoredIn = (object: KubeObject) => readonly Path[];

type Matches = (object: KubeObject) => boolean;

/** Each is compared with every object. */
const maxRules = 200;
/** Of all rules together. */
const maxPaths = 1000;

/**
 * Compiles rules for evaluation on each declared object.
 *
 * @param field of the spec, where the rules stand
 * @throws Rejection that names the field of a rule that cannot be read; LimitExceeded
 */
export async function compileIgnoreRules(rules: readonly IgnoreRule[], field = "spec.ignore"): Promise<IgnoredIn> {
  if (rules.length > maxRules) throw new LimitExceeded(`${field} with ${rules.length} rules`, `${maxRules} rules`);
  const count = rules.reduce((sum, { paths }) => sum + paths.length, 0);
  if (count > maxPaths) throw new LimitExceeded(`${field} with ${count} paths`, `${maxPaths} paths`);
  const compiled = await Promise.all(
    rules.map(async ({ paths, target = {} }, index) => ({
      paths: paths.map((path) => stepsOf(path, `${field}[${index}].paths`)),
      matches: await selectorOf(target, `${field}[${index}].target`),
    })),
  );
  return (object) => outermost(compiled.flatMap(({ paths, matches }) => (matches(object) ? paths : [])));
}

/** What is below another path is ignored with that. */
export function outermost(paths: readonly Path[]): Path[] {
  const all = new Set(paths.map(pointerOf));
  const seen = new Set<string>();
  return paths.filter((path) => {
    const pointer = pointerOf(path);
    if (seen.has(pointer)) return false;
    seen.add(pointer);
    return !path.some((_, length) => all.has(pointerOf(path.slice(0, length))));
  });
}

/** Characters of a JSON pointer. */
const maxPointerLength = 1024;

/** A JSON pointer: https://www.rfc-editor.org/rfc/rfc6901; an empty one is that of the whole object. */
function stepsOf(pointer: string, field: string): Path {
  if (pointer === "") return [];
  if (pointer.length > maxPointerLength)
    throw new LimitExceeded(
      `${field} with a pointer of ${pointer.length} characters`,
      `${maxPointerLength} characters`,
    );
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) {
    const advice = "expected a pointer such as /spec/replicas, with ~1 for a slash and ~0 for a tilde";
    throw new Rejection(`${field}: ${JSON.stringify(pointer)} is not a valid JSON pointer: ${advice}`);
  }
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** As written in a rule. */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

async function selectorOf(target: Selector, field: string): Promise<Matches> {
  const patterns = await Promise.all(
    patternFields.map(async ({ name, of }) => ({ of, matches: await patternOf(target[name], `${field}.${name}`) })),
  );
  const labels = labelSelectorOf(target.labelSelector, `${field}.labelSelector`);
  const annotations = labelSelectorOf(target.annotationSelector, `${field}.annotationSelector`);
  return (object) =>
    patterns.every(({ of, matches }) => matches(of(object))) &&
    labels(object.metadata.labels ?? {}) &&
    annotations(object.metadata.annotations ?? {});
}

const patternFields: ReadonlyArray<{
  name: "group" | "version" | "kind" | "name" | "namespace";
  of: (object: KubeObject) => string;
}> = [
  { name: "group", of: ({ apiVersion }) => groupOf(apiVersion) },
  { name: "version", of: ({ apiVersion }) => versionOf(apiVersion) },
  { name: "kind", of: ({ kind }) => kind },
  { name: "name", of: ({ metadata }) => metadata.name },
  { name: "namespace", of: ({ metadata }) => metadata.namespace ?? "" },
];

/** The whole text has to match. By re2js, since a pattern of a tenant's could keep JavaScript's own busy for ever. */
async function patternOf(pattern: string | undefined, field: string): Promise<(text: string) => boolean> {
  if (pattern === undefined || pattern === "") return () => true;
  const size = programSize(pattern);
  if (size > maxProgramSize)
    throw new LimitExceeded(`${field}, a regular expression of about ${size} instructions`, `${maxProgramSize}`);
  const { RE2JS } = await import("re2js");
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Rejection(`${field}: ${JSON.stringify(pattern)} is not a valid regular expression: ${why}`, { cause });
  }
}

function labelSelectorOf(selector: string | undefined, field: string): LabelSelector {
  const parsed = parseLabelSelector(selector ?? "");
  if (parsed !== undefined) return parsed;
  const advice = "expected a selector such as app=web,tier!=cache";
  throw new Rejection(`${field}: ${JSON.stringify(selector)} is not a valid selector: ${advice}`);
}
