import { type Kustomization, type KustomizationStatus, Reason } from "@leat/api";
import type { Applier, ApplyOutcome, HealthWaits } from "@leat/apply";
import type { ArtifactCache } from "@leat/artifact";
import type { ObjectKey, Outcome, Run } from "@leat/controller";
import type { Clusters, DependencyLookup, SourceLookup } from "@leat/deploy";
import type { Kube } from "@leat/kube";
import type { Build, Builder } from "@leat/kustomize";
import type { KeyServiceIdentity, KeysRead } from "@leat/sops";
import type { Expressions } from "./expressions.ts";
import type { PostBuild } from "./post-build.ts";

/** The outside world, as narrow as this reconciler needs it. */
export interface World {
  kube: Kube;
  sources: SourceLookup;
  dependencies: DependencyLookup;
  /** A dependency that an expression calls ready has to be so by the built-in check too. */
  additiveReadiness: boolean;
  artifacts: Pick<ArtifactCache, "open">;
  builder: Pick<Builder, "build">;
  postBuild: PostBuild;
  clusters: Pick<Clusters, "open">;
  healthWaits: HealthWaits;
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

/** What a build reads of an attempt: whoever wants to know what would be applied builds with the same. */
export interface Building {
  object: Kustomization;
  run: { signal: AbortSignal };
  /** The cluster that keys are read from. */
  kube: Pick<Kube, "get">;
  builder: Pick<Builder, "build">;
  postBuild: PostBuild;
  sopsAgeSecret: World["sopsAgeSecret"];
  keyServiceIdentityFor: World["keyServiceIdentityFor"];
  readKeys: World["readKeys"];
}

export type KustomizationRun = Run<KustomizationStatus>;
export type KustomizationOutcome = Outcome<KustomizationStatus>;

/** One run over one object, once its source is there: all that its steps read. */
export interface Attempt extends World {
  object: Kustomization;
  run: KustomizationRun;
  expressions: Expressions;
  revision: string;
  /** What the source says its artifact was made from. */
  originRevision: string | undefined;
  /** `<what> for revision R with a timeout of T`. */
  stageOf: (what: string) => string;
}

/** An attempt that has come to its cluster. */
export interface Arrived extends Attempt {
  /** The cluster that is applied to, as the controller or as the kubeconfig says; `kube` is always the own one. */
  target: Kube;
  /** Of that cluster. */
  applier: Applier;
}

export type Built = Build & { kind: "built" };
export type Applied = ApplyOutcome & { kind: "applied" };
export type Refused = ApplyOutcome & { kind: "refused" };

/** The lines of an event: what was done, without what was left as it was. */
export function changeLines(changes: ReadonlyArray<{ subject: string; action: string }>): string {
  return changes
    .filter(({ action }) => action !== "unchanged" && action !== "skipped")
    .map(({ subject, action }) => `${subject} ${action}`)
    .join("\n");
}

/** What events and the history say of the revision. */
export function revisionsOf({ revision, originRevision }: Pick<Attempt, "revision" | "originRevision">): {
  revision: string;
  originRevision?: string;
} {
  return originRevision === undefined ? { revision } : { revision, originRevision };
}

export function emitChanges({ run }: Pick<Attempt, "run">, message: string): void {
  if (message !== "") run.emit({ type: "Normal", reason: Reason.Progressing, message });
}
