import type { IgnoreRule, Resource } from "@leat/api";
import { setImmediate } from "node:timers/promises";
import type { Kube } from "@leat/kube";
import { type Declared, stageObjects } from "../objects/declared.ts";
import { awaitUsable } from "./await-usable.ts";
import { type DriftHandling, driftPolicyOf } from "../drift/drift-policy.ts";
import type { Drift } from "../drift/drift.ts";
import { compileIgnoreRules, outermost } from "../fields/ignore-rules.ts";
import { entryOf, type InventoryEntry } from "../objects/inventory.ts";
import { nameOf, subjectOf } from "../objects/object-name.ts";
import { type Owner, ownerLabels } from "../objects/owner.ts";
import { Rejection, unknownKind } from "../objects/rejection.ts";
import type { RejectionKind } from "../objects/rejection-kind.ts";
import { resourceOfDeclared } from "../objects/resource-of.ts";
import { render } from "../objects/render.ts";
import type { ApplyRun, Item } from "./run.ts";
import { sharedDrift } from "./shared-objects.ts";
import { applyStage } from "./stage.ts";
import { objectPoliciesOf } from "../objects/object-policies.ts";

/** What became of an object; `skipped` where one of its policies says to leave it alone. */
export type Action = "created" | "configured" | "deleted" | "unchanged" | "skipped";

export interface ObjectChange {
  /** `Kind/namespace/name`, or `Kind/name` for what is cluster-scoped. */
  subject: string;
  action: Action;
  /** Why a removed object stays. */
  reason?: string;
  /** Its drift: corrected if the action is `created` or `configured`, not corrected if it is `unchanged`. */
  drift?: Drift;
}

export interface ApplyRequest {
  owner: Owner;
  /** Never changed; they may be shared with others. */
  objects: readonly Declared[];
  /** Objects are recreated where an immutable field changed. */
  force: boolean;
  /** Default: drift is corrected. */
  drift?: DriftHandling | undefined;
  /** Fields that others may change where the object exists: they are neither compared nor put back. */
  ignore?: readonly IgnoreRule[] | undefined;
  /** The cluster, with the identity that applies, for everything that touches the objects. */
  as?: Kube | undefined;
  /**
   * Called before the first write of a stage, when all of it is known to be acceptable, with all that this run has written
   * and is about to write: what is recorded there is never forgotten, whatever happens next. Not called where nothing is
   * written. What it throws ends the run.
   */
  beforeWrite?: ((entries: readonly InventoryEntry[]) => Promise<void>) | undefined;
  /** Limit for waits: on definitions to be established, on objects to be gone before they are recreated. */
  timeoutMs: number;
}

export type ApplyOutcome =
  | {
      kind: "applied";
      /** In the order of applying; unchanged ones too. */
      changes: ObjectChange[];
      /** In the order of applying. */
      inventory: InventoryEntry[];
    }
  | {
      kind: "rejected";
      /** Names the object, its file and the server's words. */
      message: string;
      /** Of the first object where several are rejected. */
      rejection: RejectionKind;
      /** What was applied before; all of it stays. */
      changes: ObjectChange[];
      /** The objects of `changes`. */
      inventory: InventoryEntry[];
    };

export async function applyAll(
  base: BaseRun,
  request: ApplyRequest,
  customStageKinds: ReadonlySet<string>,
): Promise<ApplyOutcome> {
  const labels = ownerLabels(base.rules.ownerGroup, request.owner);
  const done: Done[] = [];
  try {
    const run = await runOf(base, request);
    for (const { stage, objects } of stageObjects(request.objects, customStageKinds)) {
      const items = await prepare(run, objects, labels);
      const results = new Map<Item, Done>();
      try {
        await applyStage(run, items, (item, action, drift) =>
          results.set(item, { item, action, drift: drift ?? sharedDrift(run, item) }),
        );
      } finally {
        done.push(...items.flatMap((item) => results.get(item) ?? []));
      }
      if (stage === "definitions" || stage === "classes") await awaitUsable(run, sentOf(items, results));
    }
    return { kind: "applied", ...report(done) };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { kind: "rejected", message: error.message, rejection: error.kind, ...report(done) };
  }
}

type BaseRun = Omit<ApplyRun, "force" | "deadline" | "beforeWrite" | "drift" | "ignoredIn">;

async function runOf(
  base: BaseRun,
  { force, timeoutMs, drift, ignore = [], beforeWrite }: ApplyRequest,
): Promise<ApplyRun> {
  const written: InventoryEntry[] = [];
  const [policy, ignoredIn] = [await driftPolicyOf(drift ?? { mode: "enabled" }), await compileIgnoreRules(ignore)];
  return {
    ...base,
    force,
    drift: policy,
    ignoredIn: (object) => outermost([...ignoredIn(object), ...policy.ignoredIn(object)]),
    deadline: performance.now() + timeoutMs,
    beforeWrite: async (items) => {
      written.push(...items.map(({ object }) => entryOf(object)));
      await beforeWrite?.([...written]);
    },
  };
}

// Objects after which others get a turn: rendering thousands takes long.
const breathEvery = 200;

interface Done {
  item: Item;
  action: Action;
  drift: Drift | undefined;
}

async function prepare(run: ApplyRun, objects: readonly Declared[], labels: Record<string, string>): Promise<Item[]> {
  const resources = new Map<string, Resource>();
  const items: Item[] = [];
  for (const declared of objects) {
    const { apiVersion, kind, metadata } = declared.object;
    const key = `${apiVersion}/${kind}`;
    const resource = resources.get(key) ?? (await resourceOfDeclared(run, declared));
    if (resource === undefined) throw unknownKind(declared);
    resources.set(key, resource);
    const object = render(declared, resource, labels);
    const kindWatch = run.kindWatches.of(resource);
    const ignored = run.ignoredIn(object);
    const digest = run.digests.of(run.owner, declared.object, object);
    const policies = objectPoliciesOf(run.rules.ownerGroup, metadata);
    if (items.length % breathEvery === breathEvery - 1) await setImmediate();
    const { file, secrets } = declared;
    items.push({ object, file, secrets, resource, kindWatch, ignored, digest, policies });
  }
  return items;
}

function sentOf(items: readonly Item[], results: ReadonlyMap<Item, Done>): Item[] {
  return items.filter((item) => {
    const action = results.get(item)?.action;
    return action === "created" || action === "configured";
  });
}

function report(done: readonly Done[]): { changes: ObjectChange[]; inventory: InventoryEntry[] } {
  return {
    changes: done.map(({ item, action, drift }) => {
      const subject = subjectOf(nameOf(item.object));
      return drift === undefined ? { subject, action } : { subject, action, drift };
    }),
    inventory: done.map(({ item }) => entryOf(item.object)),
  };
}
