import type { Kube } from "@leat/kube";
import type { Logger } from "@leat/log";
import { applyAll, type ApplyOutcome, type ApplyRequest } from "./apply.ts";
import { createDriftReports } from "./drift.ts";
import type { InventoryEntry } from "./inventory.ts";
import type { LiveRules } from "./live.ts";
import { type Owner, ownerKey, ownerOfKey } from "./owner.ts";
import { subjectOf } from "./object-name.ts";
import { placeOfKey } from "./place.ts";
import { prune, type PruneOutcome, remaining } from "./prune.ts";
import type { Run } from "./run.ts";
import { createTracks, type TracksInUse } from "./tracks.ts";

export interface ApplierOptions {
  /** The cluster, as the controller itself: it watches, and acts where a request names nobody else. */
  kube: Kube;
  /** `kustomize-controller`. */
  fieldManager: string;
  /** `kustomize.toolkit.fluxcd.io`: prefix of the owner's labels and of the switches on single objects. */
  ownerGroup: string;
  /** Further field managers whose fields are taken over. */
  overrideManagers?: readonly string[];
  /** `group/kind` of what is applied before the rest, and after definitions and classes. */
  customStageKinds?: ReadonlySet<string>;
  /** Requests of one run under way at a time; 10 where absent. */
  concurrency?: number;
  log: Logger;
  signal: AbortSignal;
  /**
   * An applied object was changed or deleted by somebody else. Said once until the object is applied again; where that
   * repeats, with growing pauses.
   */
  onDrift: (owner: Owner, subject: string) => void;
  /** An object whose health was asked for, and was not good, has changed. */
  onHealth: (owner: Owner) => void;
}

/** Applies the objects of many owners and looks after them. One for each cluster. */
export interface Applier extends AsyncDisposable {
  /**
   * Labels the objects with their owner, puts them into stages, and applies of each stage what has to change, after the
   * server has said that it would take all of it.
   *
   * @throws Fault where the API server cannot be reached or is overloaded
   */
  apply: (request: ApplyRequest, signal: AbortSignal) => Promise<ApplyOutcome>;
  /**
   * Deletes what the entries list, in reverse order of applying, where it still carries the owner's labels and does not
   * say of itself that it stays. Waits for nothing.
   *
   * @throws Fault where the API server cannot be reached or is overloaded
   */
  prune: (request: PruneRequest, signal: AbortSignal) => Promise<PruneOutcome>;
  /** Which of the entries are still in the cluster. */
  remaining: (entries: readonly InventoryEntry[], signal: AbortSignal) => Promise<InventoryEntry[]>;
  /** The owner is gone: what is known of its objects is dropped. */
  forget: (owner: Owner) => void;
}

export interface PruneRequest {
  owner: Owner;
  entries: readonly InventoryEntry[];
  /** The cluster as whom to act. */
  as?: Kube | undefined;
}

const defaultConcurrency = 10;

export function createApplier(options: ApplierOptions): Applier {
  const { kube, log, concurrency = defaultConcurrency, customStageKinds = new Set<string>() } = options;
  const rules = rulesOf(options);
  const drift = createDriftReports((owner, subject) => options.onDrift(ownerOfKey(owner), subject));
  const tracks = createTracks({
    kube,
    rules,
    log,
    onChange: () => {},
    onDrift: (known, key, { kind }) => drift.report(known.owner, subjectAt(kind, key)),
  });
  const start = (used: TracksInUse, signal: AbortSignal): Run => {
    return { rules, concurrency, kube, tracks: used, owner: "", force: false, deadline: performance.now(), signal };
  };
  return {
    apply: async (request, signal) => {
      using used = tracks.use();
      return await applyAll({ rules, concurrency, kube, tracks: used, customStageKinds, signal }, request);
    },
    prune: async ({ owner, entries, as = kube }, signal) => {
      using used = tracks.use();
      return await prune({ ...start(used, signal), kube: as, owner: ownerKey(owner) }, entries);
    },
    remaining: async (entries, signal) => {
      using used = tracks.use();
      return await remaining(start(used, signal), entries);
    },
    forget: (owner) => {
      tracks.forget(ownerKey(owner));
      drift.forget(ownerKey(owner));
    },
    [Symbol.asyncDispose]: async () => {
      drift[Symbol.dispose]();
      await tracks[Symbol.asyncDispose]();
    },
  };
}

function rulesOf({ fieldManager, ownerGroup, overrideManagers = [] }: ApplierOptions): LiveRules {
  return { fieldManager, ownerGroup, overrideManagers };
}

function subjectAt(kind: string, key: string): string {
  return subjectOf({ kind, ...placeOfKey(key) });
}
