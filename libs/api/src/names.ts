/** Asks for a run now: any new value does. The value is copied to `status.lastHandledReconcileAt` when the run ends. */
export const requestedAtAnnotation = "reconcile.fluxcd.io/requestedAt";

/** Keeps an object until its controller has cleaned up what it made. */
export const finalizer = "finalizers.fluxcd.io";

/** Annotations of an object whose key starts with this are copied into the metadata of its events. */
export const eventAnnotationPrefix = "event.toolkit.fluxcd.io/";

/** On a ConfigMap or Secret with value `watchLabelValue`: a change triggers a reconciliation of the objects that refer to it. */
export const watchLabel = "reconcile.fluxcd.io/watch";
export const watchLabelValue = "Enabled";

/** Which shard of controllers an object belongs to. */
export const shardLabel = "sharding.fluxcd.io/key";

/** Label on an applied object: name of the object, of the given API group, that applied it. */
export function ownerNameLabel(group: string): string {
  return `${group}/name`;
}

/** Label on an applied object: namespace of the object, of the given API group, that applied it. */
export function ownerNamespaceLabel(group: string): string {
  return `${group}/namespace`;
}

/** Key of an entry in an event's metadata: those that a controller sets carry the API group of the involved object. */
export function eventMetadataKey(group: string, key: keyof typeof eventMetadata): string {
  return `${group}/${eventMetadata[key]}`;
}

const eventMetadata = {
  revision: "revision",
  originRevision: "originRevision",
  digest: "digest",
  token: "token",
  commit: "commit",
  commitStatus: "commit_status",
  changeRequest: "change_request",
} as const;

/** Key in an artifact's metadata: the revision of what the artifact was made from. */
export const originRevisionKey = "org.opencontainers.image.revision";

/** What a label or an annotation of one applied object changes about how it is treated; values in `ObjectPolicyValue`. */
export type ObjectPolicy =
  /** `disabled`: the object is neither applied, pruned nor checked for health. */
  | "reconcile"
  /** `Ignore`: as `reconcile: disabled`. `IfNotPresent`: only created. `Merge`: fields of other managers stay. */
  | "ssa"
  /** `disabled`: the object outlives its removal from the source. */
  | "prune"
  /** `enabled`: the object is recreated where an immutable field changed. */
  | "force"
  /** `disabled`: variables in the object are left as they are. */
  | "substitute"
  /** `disabled`: encrypted data is left as it is; annotation only. */
  | "decrypt";

/** Key of a policy, as label or annotation: it carries the API group of whatever applies the object. */
export function objectPolicyKey(group: string, policy: ObjectPolicy): string {
  return `${group}/${policy}`;
}

export const ObjectPolicyValue = {
  disabled: "disabled",
  enabled: "enabled",
  ignore: "Ignore",
  ifNotPresent: "IfNotPresent",
  merge: "Merge",
} as const;

/** Annotations that other appliers leave behind and that an apply takes away. */
export const obsoleteAnnotations = [
  "kubectl.kubernetes.io/last-applied-configuration",
  "kustomize.toolkit.fluxcd.io/checksum",
  "fluxcd.io/sync-checksum",
] as const;

/** Labels that other appliers leave behind and that an apply takes away. */
export const obsoleteLabels = ["fluxcd.io/sync-gc-mark"] as const;
