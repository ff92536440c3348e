import * as z from "zod";
import { Conditions } from "../condition.ts";
import { core } from "../core.ts";
import { Duration } from "../duration.ts";
import {
  dependencyKinds,
  DependencyReference,
  KubeConfigReference,
  LocalObjectReference,
  NamespacedObjectKindReference,
} from "../references.ts";
import { defineResource, type ResourceOf, type StatusOf } from "../resource.ts";
import { artifactSources } from "../source/artifact-sources.ts";
import { CommonMetadata, CustomHealthCheck, DriftDetection, IgnoreRule, Image, Patch } from "./transforms.ts";

const SourceReference = z.object({
  apiVersion: z.string().optional().describe("API version of the source."),
  kind: z.enum(["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"]).describe("Kind of the source."),
  name: z.string().describe("Name of the source."),
  namespace: z.string().optional().describe("Namespace of the source; default: that of the Kustomization."),
});

const Decryption = z.object({
  provider: z.enum(["sops"]).describe("Encryption of the manifests."),
  secretRef: LocalObjectReference.optional().describe(
    "Secret with the keys: age keys in `*.agekey`, OpenPGP keys in `*.asc`, credentials of clouds and vaults in `sops.<service>`.",
  ),
  serviceAccountName: z
    .string()
    .optional()
    .describe(
      "ServiceAccount whose identity is used at a cloud's key service, if the Secret has no credentials for it.",
    ),
});

const SubstituteReference = z.object({
  kind: z.enum(["Secret", "ConfigMap"]).describe("Kind of the object that holds the variables."),
  name: z.string().min(1).max(253).describe("Name of the object, in the namespace of the Kustomization."),
  optional: z.boolean().default(false).describe("Continue without the variables if the object does not exist."),
});

const PostBuild = z.object({
  substitute: z
    .record(z.string(), z.string())
    .optional()
    .describe("Variables and their values; they override those of substituteFrom."),
  substituteFrom: z
    .array(SubstituteReference)
    .optional()
    .describe("ConfigMaps and Secrets whose keys are variables; later ones override earlier ones."),
  substituteStrategy: z
    .enum(["WithVariables", "Always"])
    .optional()
    .describe(
      "`Always` substitutes also where there is no variable at all; without it, `WithVariables`: only where there is at least one.",
    ),
});

const spec = z
  .object({
    sourceRef: SourceReference.describe("Source of the manifests."),
    path: z
      .string()
      .optional()
      .describe("Directory of the artifact with a kustomization.yaml or plain manifests; default: the root."),
    interval: Duration.describe(
      "Interval for applying again and checking for drift without changes, plus or minus some jitter.",
    ),
    retryInterval: Duration.optional().describe("Delay before a retry after a failure; default: the interval."),
    timeout: Duration.optional().describe(
      "Time limit for applied objects to become healthy or to be deleted; default: the interval minus 30 seconds.",
    ),
    suspend: z.boolean().optional().describe("Suspend reconciliation. A running reconciliation is cancelled."),
    prune: z.boolean().describe("Delete applied objects that are no longer in the source."),
    deletionPolicy: z
      .enum(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"])
      .optional()
      .describe(
        "What happens to applied objects when the Kustomization is deleted: `Delete`, `WaitForTermination` (delete and wait), `Orphan` (keep), or `MirrorPrune` (default: delete if prune is true).",
      ),
    force: z.boolean().default(false).describe("Recreate an object if an immutable field changed."),
    wait: z
      .boolean()
      .optional()
      .describe("Become ready only when all applied objects are healthy; healthChecks is then ignored."),
    healthChecks: z
      .array(NamespacedObjectKindReference)
      .optional()
      .describe("Objects that must be healthy for the Kustomization to be ready."),
    healthCheckExprs: z
      .array(CustomHealthCheck)
      .optional()
      .describe("Health of custom kinds that do not follow kstatus; used with wait or healthChecks."),
    dependsOn: z
      .array(DependencyReference)
      .optional()
      .describe("Kustomizations and HelmReleases that must be ready first."),
    serviceAccountName: z
      .string()
      .optional()
      .describe("ServiceAccount of the same namespace that is impersonated for all access to the cluster."),
    kubeConfig: KubeConfigReference.optional().describe("Apply to another cluster."),
    targetNamespace: z.string().min(1).max(63).optional().describe("Namespace for all objects, overriding their own."),
    namePrefix: z.string().min(1).max(200).optional().describe("Prefix for the names of all objects."),
    nameSuffix: z.string().min(1).max(200).optional().describe("Suffix for the names of all objects."),
    commonMetadata: CommonMetadata.optional().describe(
      "Labels and annotations for all objects, but not for pod templates.",
    ),
    images: z.array(Image).optional().describe("New names, tags or digests of container images."),
    patches: z
      .array(Patch)
      .optional()
      .describe("Patches for the objects, applied after those in the kustomization.yaml."),
    components: z.array(z.string()).optional().describe("Relative paths of kustomize components to add."),
    ignoreMissingComponents: z.boolean().optional().describe("Ignore components whose directory does not exist."),
    buildMetadata: z
      .array(z.enum(["originAnnotations", "transformerAnnotations"]))
      .optional()
      .describe("Annotations that kustomize adds: the origin of an object, and the transformers that changed it."),
    postBuild: PostBuild.optional().describe("Substitute variables in the built manifests."),
    decryption: Decryption.optional().describe("Decrypt manifests and files before use."),
    ignore: z
      .array(IgnoreRule)
      .optional()
      .describe("Fields that are set on creation only, and never compared or corrected afterwards."),
    driftDetection: DriftDetection.optional().describe(
      "Handling of drift. Not part of Flux's API; Flux's controllers ignore it.",
    ),
  })
  .describe("Which manifests to build, and how to apply them.");

const Inventory = z.object({
  entries: z
    .array(
      z.object({
        id: z.string().describe("The object, as `<namespace>_<name>_<group>_<kind>`."),
        v: z.string().describe("Version of its API group."),
      }),
    )
    .describe("One entry per object."),
});

const Snapshot = z.object({
  digest: z.string().describe("Digest of the built manifests, as `<algorithm>:<hex>`."),
  firstReconciled: z.string().meta({ format: "date-time" }).describe("First time with this result."),
  lastReconciled: z.string().meta({ format: "date-time" }).describe("Last time with this result."),
  lastReconciledDuration: z.string().describe("Duration of the last reconciliation with this result."),
  lastReconciledStatus: z.string().describe("Result: the reason of the Ready condition."),
  totalReconciliations: z.int().describe("Number of reconciliations with this result."),
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .describe("Revision and origin revision of the last reconciliation."),
});

const status = z
  .object({
    observedGeneration: z
      .int()
      .optional()
      .describe("Latest generation that was reconciled, or found to be invalid; -1 before the first."),
    conditions: Conditions.optional(),
    lastAppliedRevision: z.string().optional().describe("Last revision that was applied completely."),
    lastAppliedOriginRevision: z
      .string()
      .optional()
      .describe("Origin revision of the artifact, for the last applied revision."),
    lastAttemptedRevision: z.string().optional().describe("Last revision that was attempted."),
    inventory: Inventory.optional().describe("Applied objects."),
    history: z
      .array(Snapshot)
      .optional()
      .describe("Results of the last reconciliations, newest first; equal results share an entry."),
    lastHandledReconcileAt: z
      .string()
      .optional()
      .describe("Value of the last reconciliation request that was handled."),
  })
  .default({ observedGeneration: -1 })
  .describe("Observed state.");

export const Kustomization = defineResource({
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  plural: "kustomizations",
  shortNames: ["ks"],
  categories: ["all", "fluxcd", "fluxcd-appliers"],
  reconciledBy: "kustomize-controller",
  description: "Builds manifests from a source with kustomize, and keeps the cluster in that state.",
  columns: {
    Age: { path: ".metadata.creationTimestamp", type: "date" },
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Status: '.status.conditions[?(@.type=="Ready")].message',
    Path: { path: ".spec.path", isWide: true },
    Revision: { path: ".status.lastAppliedRevision", isWide: true },
  },
  conditions: {
    Ready: [
      "ReconciliationSucceeded",
      "Progressing",
      "ArtifactFailed",
      "BuildFailed",
      "ReconciliationFailed",
      "PruneFailed",
      "HealthCheckFailed",
      "DependencyNotReady",
      "AccessDenied",
      "InvalidCELExpression",
      "FeatureGateDisabled",
      "LimitExceeded",
      "DirectoryCreationFailed",
      "DeadlineExceeded",
      "ResourceExhausted",
    ],
    Healthy: ["Succeeded", "Progressing", "HealthCheckFailed"],
    Drifted: ["DriftDetected", "NoDriftDetected"],
    Reconciling: ["Progressing", "ProgressingWithRetry"],
    Stalled: ["AccessDenied", "InvalidCELExpression", "FeatureGateDisabled", "LimitExceeded", "ResourceExhausted"],
  },
  example: {
    sourceRef: { kind: "GitRepository", name: "podinfo" },
    path: "./kustomize",
    targetNamespace: "podinfo",
    interval: "10m",
    timeout: "2m",
    prune: true,
    wait: true,
  },
  spec,
  status,
  references: ({ sourceRef, dependsOn = [], postBuild, decryption, kubeConfig }) => [
    { role: "source", of: sourceRef && artifactSources[sourceRef.kind], to: sourceRef },
    ...dependsOn.map((to) => ({ role: "dependency" as const, of: dependencyKinds[to.kind ?? "Kustomization"], to })),
    ...(postBuild?.substituteFrom ?? []).map(({ kind, name }) => ({
      role: "config" as const,
      of: core[kind],
      to: { name },
    })),
    { role: "config", of: core.Secret, to: decryption?.secretRef },
    { role: "config", of: core.Secret, to: kubeConfig?.secretRef },
    { role: "config", of: core.ConfigMap, to: kubeConfig?.configMapRef },
  ],
});
export type Kustomization = ResourceOf<typeof Kustomization>;
export type KustomizationStatus = StatusOf<typeof Kustomization>;
