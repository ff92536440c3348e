import { type Artifact, formatDuration, type Kustomization, type KustomizationStatus } from "@leat/api";
import type { Applier, ApplyOutcome, HealthWaits, Owner } from "@leat/apply";
import type { ArtifactCache } from "@leat/artifact";
import type { ObjectKey, Outcome, Run } from "@leat/controller";
import type { Clusters, DependencyLookup, SourceLookup } from "@leat/deploy";
import type { Kube } from "@leat/kube";
import type { Build, Builder } from "@leat/kustomize";
import type { KeyServiceIdentity, KeysRead } from "@leat/sops";
import type { Expressions } from "./expressions.ts";
import type { PostBuild } from "./post-build.ts";
import type { Revisions } from "./revisions.ts";
import type { Siblings } from "./siblings.ts";
import { timeoutOf } from "./timing.ts";

/** The outside world and what the flags say: the same for every run. Each step picks what it reads. */
export interface World {
  /** The own cluster, where keys are read. */
  kube: Pick<Kube, "get">;
  sources: SourceLookup;
  dependencies: DependencyLookup;
  /** A dependency that an expression calls ready has to be so by the built-in check too. */
  additiveReadiness: boolean;
  artifacts: Pick<ArtifactCache, "open">;
  builder: Pick<Builder, "build">;
  postBuild: PostBuild;
  clusters: Pick<Clusters, "open">;
  healthWaits: HealthWaits;
  siblings: Siblings;
  /** An object that has failed ends the wait for health at once, and not only when no other is on its way. */
  failsFast: boolean;
  defaultServiceAccount: string;
  /** Secret with age keys for Kustomizations that name none. */
  sopsAgeSecret: ObjectKey | undefined;
  /** Whether ServiceAccounts that objects name may act at clouds. */
  permitsAccounts: boolean;
  /** Whose rights count at key services for a Kustomization. */
  keyServiceIdentityFor: (object: Kustomization, signal: AbortSignal) => Promise<KeyServiceIdentity>;
  /** Reads keys by the names of their entries in a Secret. */
  readKeys: (entries: ReadonlyMap<string, Buffer>, identity: KeyServiceIdentity) => Promise<KeysRead>;
  requeueDependencyMs: number;
}

export type KustomizationRun = Run<KustomizationStatus>;
export type KustomizationOutcome = Outcome<KustomizationStatus>;

/** One run over one object, once its source is there. */
export interface Attempt {
  object: Kustomization;
  run: KustomizationRun;
  owner: Owner;
  artifact: Artifact;
  revisions: Revisions;
  expressions: Expressions;
}

/** What a build reads of an attempt. Previews build with the same. */
export type Building = Pick<Attempt, "object"> & { run: Pick<KustomizationRun, "signal"> };

/** The cluster that is applied to. */
export interface Target {
  applier: Applier;
  /** Impersonated user; the controller itself if absent. */
  as?: Kube;
  /** Aborts when the run does, and when the cluster is lost. */
  signal: AbortSignal;
}

export type Built = Build & { kind: "built" };
export type Rejected = ApplyOutcome & { kind: "rejected" };

export function ownerOf({ metadata: { name, namespace } }: Kustomization): Owner {
  return { name, namespace };
}

/** How far an attempt is, as `Reconciling` says it. */
export function stageOf({ object, revisions }: Pick<Attempt, "object" | "revisions">, what: string): string {
  return `${what} for revision ${revisions.revision} with a timeout of ${formatDuration(timeoutOf(object))}`;
}
