import type { Resource } from "@leat/api";
import type { Kube } from "@leat/kube";
import type { Logger } from "@leat/log";
import { applyAll, type ApplyOutcome, type ApplyRequest } from "./run/apply-all.ts";
import { createAppliedListings } from "./run/applied-listings.ts";
import { createDigests } from "./objects/digests.ts";
import { createDriftReports } from "./drift/drift-backoff.ts";
import type { ObjectDrift } from "./drift/format-drift.ts";
import { checkHealth, type Health, type HealthCheck, type HealthTarget, targetKey } from "./health/health.ts";
import { entryOfName, type InventoryEntry } from "./objects/inventory.ts";
import type { CustomReadings } from "./health/kstatus/custom-readings.ts";
import type { LiveRules } from "./watch/sync-state.ts";
import { apiVersionOf, subjectOf } from "./objects/object-name.ts";
import { type Owner, ownerKey, ownerOfKey } from "./objects/owner.ts";
import { createOwnerMemories, noteContention, readingsBy, rememberApplied } from "./run/owner-memory.ts";
import { placeOfKey } from "./watch/object-key.ts";
import { prune, type PruneOutcome, remaining } from "./run/prune.ts";
import type { Run } from "./run/run.ts";
import { createKindWatches, type KindWatches } from "./watch/kind-watches.ts";
import { type Awaited, createHealthTriggers } from "./watch/health-triggers.ts";

export interface ApplierOptions {
  /** The cluster, as the controller itself: it watches, and acts where a request names nobody else. */
  kube: Kube;
  fieldManager: string;
  /** API group of the owners' kind: prefix of their labels and of the policies on single objects. */
  ownerGroup: string;
  /** Further field managers whose fields are taken over. */
  overrideManagers?: readonly string[];
  /** `group/kind` of what is applied before the rest, and after definitions and classes. */
  customStageKinds?: ReadonlySet<string>;
  /** Requests of one run under way at a time; 10 where absent. */
  concurrency?: number;
  log: Logger;
  /** Ends the watches, as disposing does. */
  signal: AbortSignal;
  /**
   * An applied object was changed or deleted by somebody else. Said once until the object is applied again; where that
   * repeats, with growing pauses.
   */
  onDrift: (owner: Owner, subject: string) => void;
  /** An object whose health was asked for, and was not good, has changed. */
  onHealth: (owner: Owner) => void;
}

/**
 * Applies the objects of many owners and looks after them. One for each cluster. Every method throws a `Fault` where the
 * API server cannot be reached or is overloaded.
 */
export interface Applier extends AsyncDisposable {
  /**
   * Labels the objects with their owner, puts them into stages, and applies of each stage what has to change, after the
   * server has said that it would take all of it.
   */
  apply: (request: ApplyRequest, signal: AbortSignal) => Promise<ApplyOutcome>;
  /**
   * Deletes what the entries list, in reverse order of applying, where it still carries the owner's labels and does not
   * say of itself that it stays. Waits for nothing.
   */
  prune: (request: PruneRequest, signal: AbortSignal) => Promise<PruneOutcome>;
  /** Looks once and waits for nothing: `onHealth` says when to look again, until the owner is healthy or forgotten. */
  health: (request: HealthRequest, signal: AbortSignal) => Promise<Health>;
  /** Which of the entries are still in the cluster. */
  remaining: (entries: readonly InventoryEntry[], signal: AbortSignal) => Promise<InventoryEntry[]>;
  /** Objects whose corrections others keep reverting; corrections are backing off. */
  contended: (owner: Owner) => ObjectDrift[];
  /** The owner is gone: what is known of its objects is dropped. */
  forget: (owner: Owner) => void;
}

export interface PruneRequest {
  owner: Owner;
  entries: readonly InventoryEntry[];
  /** The cluster, with the identity that applies. */
  as?: Kube | undefined;
}

export interface HealthRequest {
  owner: Owner;
  /** The owner itself is left out, and so is what its last run has skipped. */
  objects: readonly HealthTarget[];
  /** How to read kinds whose statuses are not read as they are elsewhere. */
  readings?: CustomReadings | undefined;
  /** The cluster, with the identity that reads. */
  as?: Kube | undefined;
}

const defaultConcurrency = 10;

export function createApplier(options: ApplierOptions): Applier {
  const parts = createParts(options);
  const { kindWatches, drift, healthTriggers, memories } = parts;
  const inRun = async <Result>(
    { owner, as = options.kube, signal }: { owner: Owner; as?: Kube | undefined; signal: AbortSignal },
    work: (run: Run) => Promise<Result>,
  ): Promise<Result> => {
    using used = kindWatches.use();
    const { concurrency = defaultConcurrency } = options;
    return await work({ kube: as, rules: parts.rules, concurrency, kindWatches: used, owner: ownerKey(owner), signal });
  };
  return {
    apply: async (request, signal) =>
      inRun({ ...request, signal }, async (run) => {
        const { digests } = parts;
        const memory = memories.of(run.owner);
        memory.drift = request.drift?.mode ?? "enabled";
        const listings = request.as === undefined ? parts.listings : undefined;
        const base = { ...run, digests, listings };
        const outcome = await applyAll(base, request, options.customStageKinds ?? new Set());
        rememberApplied(memory, { owner: run.owner, kindWatches, outcome });
        noteContention(memory.contended, outcome.changes, (subject) => drift.isHeldBack(run.owner, subject));
        return outcome;
      }),
    prune: async (request, signal) => inRun({ ...request, signal }, async (run) => prune(run, request.entries)),
    remaining: async (entries, signal) => inRun({ owner: nobody, signal }, async (run) => remaining(run, entries)),
    health: async (request, signal) =>
      inRun({ ...request, signal }, async (run) => checkHealth(run, healthCheckOf(options, parts, request))),
    contended: (owner) =>
      [...memories.of(ownerKey(owner)).contended].map(([subject, found]) => ({ subject, drift: found })),
    forget: (owner) => {
      const key = ownerKey(owner);
      for (const part of [kindWatches, drift, memories]) part.forget(key);
      healthTriggers.expect(key, []);
    },
    [Symbol.asyncDispose]: parts.end,
  };
}

/** What is to be looked at: without the owner itself, and what its last run has left alone. */
function healthCheckOf(
  options: ApplierOptions,
  { memories, healthTriggers }: Parts,
  { owner, objects, readings: custom }: HealthRequest,
): HealthCheck {
  const known = memories.of(ownerKey(owner));
  const memory = readingsBy(custom, known);
  const targets = objects.filter(
    (target) => !isItself(options, owner, target) && !known.skipped.has(entryOfName(target).id),
  );
  return { targets, memory, custom, healthTriggers };
}

const nobody: Owner = { namespace: "", name: "" };

type Parts = ReturnType<typeof createParts>;

function createParts(options: ApplierOptions) {
  const { kube, log, fieldManager, ownerGroup, overrideManagers = [] } = options;
  const rules: LiveRules = { fieldManager, ownerGroup, overrideManagers };
  const memories = createOwnerMemories();
  const drift = createDriftReports((owner, subject) => options.onDrift(ownerOfKey(owner), subject));
  const kindWatches = createKindWatches({
    kube,
    rules,
    log,
    onChange: (key, resource) => healthTriggers.changed(targetKeyAt(resource, key)),
    onDrift: (known, key, { kind }) => {
      if (memories.of(known.owner).drift === "disabled") return;
      drift.report(known.owner, subjectOf({ kind, ...placeOfKey(key) }));
    },
  });
  const healthTriggers = createHealthTriggers({
    log,
    tracked: (awaited) => versionSeen(kindWatches, awaited),
    trigger: (owner) => options.onHealth(ownerOfKey(owner)),
  });
  const listings = createAppliedListings({ kube, rules, log, signal: options.signal });
  const end = async () => {
    listings[Symbol.dispose]();
    drift[Symbol.dispose]();
    healthTriggers[Symbol.dispose]();
    await kindWatches[Symbol.asyncDispose]();
  };
  options.signal.addEventListener("abort", () => void end(), { once: true });
  return {
    rules,
    drift,
    kindWatches,
    healthTriggers,
    memories,
    digests: createDigests(),
    listings,
    end,
  };
}

function versionSeen(kindWatches: KindWatches, { resource: { group, kind }, target }: Awaited): string | undefined {
  const look = kindWatches.find(group, kind)?.look(target);
  return look?.kind === "seen" ? look.live.resourceVersion : undefined;
}

function targetKeyAt({ group, version, kind }: Resource, key: string): string {
  return targetKey({ apiVersion: apiVersionOf(group, version), kind, ...placeOfKey(key) });
}

/** An owner that waits for itself would wait for ever. */
function isItself({ ownerGroup }: ApplierOptions, { namespace, name }: Owner, target: HealthTarget): boolean {
  return target.apiVersion.startsWith(`${ownerGroup}/`) && target.namespace === namespace && target.name === name;
}
