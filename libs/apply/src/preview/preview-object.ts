import type { KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { type Compared, compareWithApplied, type Comparison, isOursOrAbsent } from "../run/comparison.ts";
import type { Declared } from "../objects/declared.ts";
import { differencesOf, isWithin, valueAt } from "../fields/differences.ts";
import type { Path } from "../fields/ignore-rules.ts";
import { liveOf } from "../watch/sync-state.ts";
import { canRecreate } from "../run/recreate.ts";
import { Rejection, unknownKind } from "../objects/rejection.ts";
import { resourceOfDeclared } from "../objects/resource-of.ts";
import { render } from "../objects/render.ts";
import type { ApplyRun, Asking, Sendable } from "../run/run.ts";
import { dryRun } from "../run/send.ts";
import { eitherOf, leavesAlone, objectPoliciesOf } from "../objects/object-policies.ts";
import type { Coming } from "./declared-prerequisites.ts";
import type { Verdict } from "./verdict.ts";

/** What every step of a preview reads. */
export interface PreviewRun extends Asking, Pick<ApplyRun, "owner" | "concurrency" | "force" | "drift" | "ignoredIn"> {
  labels: Readonly<Record<string, string>>;
  coming: Coming;
  isEncrypted: (object: KubeObject) => boolean;
}

/** What an apply would do to one object. */
export async function verdictOn(run: PreviewRun, declared: Declared): Promise<Verdict> {
  if (run.isEncrypted(declared.object)) return { kind: "encrypted" };
  try {
    const resource = await resourceOfDeclared(run, declared);
    if (resource === undefined) return unserved(run, declared);
    const object = render(declared, resource, run.labels);
    const { file, secrets } = declared;
    const policies = objectPoliciesOf(run.rules.ownerGroup, object.metadata);
    if (policies.ignored) return { kind: "skipped" };
    const item = { object, file, secrets, resource, policies, ignored: run.ignoredIn(object) };
    return await weigh(run, item, await compareWithApplied(run, item));
  } catch (error) {
    if (error instanceof Rejection) return { kind: "rejected", message: error.message };
    throw error;
  }
}

function unserved({ coming, labels }: PreviewRun, declared: Declared): Verdict {
  const kind = coming.kindOf(declared.object);
  if (kind === undefined) throw unknownKind(declared);
  return { kind: "created", object: render(declared, kind, labels), isValidated: false };
}

async function weigh(run: PreviewRun, item: Sendable, found: Comparison): Promise<Verdict> {
  if (found.kind === "absent") return create(run, item);
  const live = liveOf(run.rules, found.current);
  if (leavesAlone(eitherOf(item.policies, live.policies))) return { kind: "skipped" };
  if (found.kind === "compared") return change(run, item, found);
  const { current, rejection } = found;
  if (!(await canRecreate(run, item, { error: rejection.cause, live }))) throw rejection;
  const paths = declaredDifferences(current, item.object);
  return { kind: "changed", found: { current, applied: item.object, paths }, isRecreated: true };
}

async function create(run: PreviewRun, item: Sendable): Promise<Verdict> {
  if (run.drift.mode !== "enabled" && run.drift.wasApplied(item)) return { kind: "drifted" };
  const { object } = item;
  try {
    await dryRun(run, item);
    return { kind: "created", object, isValidated: true };
  } catch (error) {
    if (error instanceof Rejection && isNamespaceToCome(run, object, error.cause)) {
      return { kind: "created", object, isValidated: false };
    }
    throw error;
  }
}

function isNamespaceToCome({ coming }: PreviewRun, { metadata }: KubeObject, cause: unknown): boolean {
  return cause instanceof ApiError && cause.code === 404 && coming.namespaces.has(metadata.namespace ?? "");
}

function change({ rules, drift }: PreviewRun, { object }: Sendable, { current, applied, paths }: Compared): Verdict {
  const ignored = drift.ignoredIn(object);
  const counted = paths.filter((path) => !isWithin(path, ignored));
  if (counted.length === 0) return { kind: "unchanged" };
  const found = { current, applied, paths: counted };
  const isDeclared = counted.some((path) => isOursOrAbsent(rules, current, path));
  return drift.mode === "enabled" || isDeclared
    ? { kind: "changed", found, isRecreated: false }
    : { kind: "drifted", found };
}

/** What the server would fill in does not count: the object as it would be recreated cannot be asked for. */
function declaredDifferences(current: KubeObject, object: KubeObject): Path[] {
  return differencesOf(current, object).filter((path) => valueAt(object, path) !== undefined);
}
