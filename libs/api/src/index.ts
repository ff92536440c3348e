/**
 * The custom resources of Leat, and the parts of Kubernetes' API that they use. It does no I/O, and runs in a browser.
 *
 * - `kinds`, and each kind by its name (`GitRepository`, `Kustomization`): made by `defineResource` from zod schemas. A definition
 *   checks objects (`parse`), lists what they refer to (`referencesOf`), and becomes a CRD (`crdOf`) and a reference page.
 * - `Reason`, `ConditionType`: the constants of conditions and events, each with its meaning.
 * - `Fault`: an error that becomes a condition, thrown by all libraries. `LimitExceeded`: one that becomes `Stalled`.
 * - `core`: resources of Kubernetes itself, such as `core.Secret`. `KubeObject`: any object, as JSON.
 */
export { Artifact } from "./artifact.ts";
export { Condition, ConditionType, type ConditionTypeName, conditionMeanings, isTrue } from "./condition.ts";
export { core } from "./core.ts";
export { crdOf } from "./crd.ts";
export { Duration, formatDuration, parseDuration } from "./duration.ts";
export { Fault, LimitExceeded } from "./fault.ts";
export { type GroupKind, groupKindOf, groupOf, isSameKind, keyOfKind } from "./group-kind.ts";
export { HelmRelease } from "./helm/helm-release.ts";
export { kinds } from "./kinds.ts";
export { Kustomization, type KustomizationStatus } from "./kustomize/kustomization.ts";
export type { CommonMetadata, CustomHealthCheck, IgnoreRule, Image, Patch, Selector } from "./kustomize/transforms.ts";
export {
  eventAnnotationPrefix,
  eventMetadataKey,
  finalizer,
  type ObjectPolicy,
  objectPolicyKey,
  ObjectPolicyValue,
  obsoleteAnnotations,
  obsoleteLabels,
  originRevisionKey,
  ownerNameLabel,
  ownerNamespaceLabel,
  requestedAtAnnotation,
  shardLabel,
  watchLabel,
  watchLabelValue,
} from "./names.ts";
export type { ObjectReference, ReferenceRole } from "./object-reference.ts";
export type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference, StoredMeta } from "./object.ts";
export { Reason, type ReasonName, reasonMeanings } from "./reason.ts";
export {
  dependencyKinds,
  type DependencyReference,
  type KubeConfigReference,
  type LocalObjectReference,
  type NamespacedObjectKindReference,
  type SecretKeyReference,
} from "./references.ts";
export {
  type Column,
  defineResource,
  type Resource,
  type ResourceDefinition,
  type ResourceOf,
  type SpecOf,
  type StatusOf,
  type StoredObject,
} from "./resource.ts";
export { commitOf, gitRevision } from "./revision.ts";
export { artifactSources, type ArtifactSourceKind } from "./source/artifact-sources.ts";
export { GitRepository, type GitRepositoryStatus } from "./source/git-repository.ts";
export type { StructuralSchema } from "./structural-schema.ts";
