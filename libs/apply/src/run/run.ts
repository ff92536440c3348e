import type { KubeObject, Resource } from "@leat/api";
import type { Kube } from "@leat/kube";
import type { IgnoredIn, Path } from "../fields/ignore-rules.ts";
import type { LiveRules } from "../watch/sync-state.ts";
import type { AppliedListings } from "./applied-listings.ts";
import type { Digests } from "../objects/digests.ts";
import type { DriftPolicy } from "../drift/drift-policy.ts";
import type { ObjectPolicies } from "../objects/object-policies.ts";
import type { KindWatch } from "../watch/kind-watch.ts";
import type { KindWatchesInUse } from "../watch/kind-watches.ts";

/** What every step of one run over an owner's objects reads. */
export interface Run {
  /** The cluster, with the identity that applies. */
  kube: Kube;
  rules: LiveRules;
  kindWatches: KindWatchesInUse;
  /** See `ownerKey`. */
  owner: string;
  /** Requests of one kind under way at a time. */
  concurrency: number;
  signal: AbortSignal;
}

/** What a question to the server about one object needs. */
export type Asking = Pick<Run, "kube" | "rules" | "signal">;

/** A run that applies. */
export interface ApplyRun extends Run {
  /** Told what is about to be written, before it is. */
  beforeWrite: (items: readonly Item[]) => Promise<void>;
  digests: Digests;
  /** With the rights of the controller: absent from a run with those of somebody else. */
  listings: AppliedListings | undefined;
  drift: DriftPolicy;
  /** Which fields of an object are left to others. */
  ignoredIn: IgnoredIn;
  /** Objects are recreated where an immutable field changed. */
  force: boolean;
  /** Up to when waits go on, on the clock of `performance.now()`. */
  deadline: number;
}

/** One declared object, ready to be sent. */
export interface Item {
  /** As it is sent. */
  object: KubeObject;
  file: string | undefined;
  secrets: readonly string[] | undefined;
  resource: Resource;
  kindWatch: KindWatch;
  /** Where it exists, what is at these paths is left to others. */
  ignored: readonly Path[];
  digest: string;
  /** As declared. */
  policies: ObjectPolicies;
}

/** What is sent of an item, and how it is told of. */
export type Sendable = Pick<Item, "object" | "file" | "secrets" | "resource" | "ignored" | "policies">;
