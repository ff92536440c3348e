/**
 * What an apply would do, found out without doing it:
 *
 *   put in order  →  compare each object with a dry-run of its apply  →  look at what would be pruned
 */
import type { KubeObject } from "@leat/api";
import type { ApplierOptions } from "../applier.ts";
import type { ApplyRequest } from "../run/apply-all.ts";
import { type Declared, stageObjects } from "../objects/declared.ts";
import { driftPolicyOf } from "../drift/drift-policy.ts";
import { compileIgnoreRules, outermost } from "../fields/ignore-rules.ts";
import { diffInventory, entryOf, type InventoryEntry } from "../objects/inventory.ts";
import { nameOf } from "../objects/object-name.ts";
import { ownerKey, ownerLabels } from "../objects/owner.ts";
import { mapLimited } from "../run/map-limited.ts";
import { Rejection } from "../objects/rejection.ts";
import { comingWith } from "./declared-prerequisites.ts";
import { previewPruned } from "./preview-pruned.ts";
import { type PreviewRun, verdictOn } from "./preview-object.ts";
import type { ObjectPreview, Verdict } from "./verdict.ts";

type Asked = Pick<ApplyRequest, "owner" | "objects" | "force" | "drift" | "ignore">;
type Rules = Pick<ApplierOptions, "kube" | "fieldManager" | "ownerGroup" | "overrideManagers" | "concurrency">;

/** `kube` has the identity that would apply. */
export interface PreviewRequest extends Asked, Rules {
  /** What was applied before: of it, what is no longer declared would be deleted. Empty where nothing is pruned. */
  applied: readonly InventoryEntry[];
  /** Which objects are encrypted: these are not compared. */
  isEncrypted: (object: KubeObject) => boolean;
  /** What others apply before, such as the namespaces of the objects. */
  beside?: readonly KubeObject[];
}

export type Preview =
  /** In the order of applying, then of deleting. */
  | { kind: "previewed"; objects: ObjectPreview[] }
  /** Not one object could be compared. */
  | { kind: "rejected"; message: string };

/** @throws Fault where the API server cannot be reached or is overloaded */
export async function preview(request: PreviewRequest, signal: AbortSignal): Promise<Preview> {
  try {
    const run = await runOf(request, signal);
    const declared = stageObjects(request.objects, new Set()).flatMap(({ objects }) => objects);
    const verdicts = await mapLimited(declared, run.concurrency, async (one) => verdictOn(run, one));
    const entries = declared.map(({ object }) => entryOf(object));
    const pruned = await previewPruned(run, diffInventory(request.applied, entries));
    return { kind: "previewed", objects: [...declared.map((one, index) => told(one, verdicts[index])), ...pruned] };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { kind: "rejected", message: error.message };
  }
}

const defaultConcurrency = 10;

async function runOf(request: PreviewRequest, signal: AbortSignal): Promise<PreviewRun> {
  const { kube, owner, fieldManager, ownerGroup, overrideManagers = [], concurrency = defaultConcurrency } = request;
  const drift = await driftPolicyOf(request.drift ?? { mode: "enabled" });
  const ignoredIn = await compileIgnoreRules(request.ignore ?? []);
  return {
    kube,
    signal,
    concurrency,
    rules: { fieldManager, ownerGroup, overrideManagers },
    owner: ownerKey(owner),
    labels: ownerLabels(ownerGroup, owner),
    force: request.force,
    isEncrypted: request.isEncrypted,
    drift,
    ignoredIn: (object) => outermost([...ignoredIn(object), ...drift.ignoredIn(object)]),
    coming: comingWith([...(request.beside ?? []), ...request.objects.map(({ object }) => object)]),
  };
}

function told({ object, file, secrets = [] }: Declared, verdict: Verdict = { kind: "unchanged" }): ObjectPreview {
  return { name: nameOf(object), file, secrets, verdict };
}
