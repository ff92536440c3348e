import * as z from "zod";
import { Conditions } from "../condition.ts";
import { Duration } from "../duration.ts";
import {
  DependencyReference,
  KubeConfigReference,
  LocalObjectReference,
  NamespacedObjectKindReference,
} from "../references.ts";
import { defineResource, type ResourceOf, type StatusOf } from "../resource.ts";
import { CommonMetadata, CustomHealthCheck, DriftDetection, IgnoreRule, Image, Patch } from "./transforms.ts";

const SourceReference = z.object({
  apiVersion: z.string().optional().describe("API version of the source."),
  kind: z.enum(["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"]).describe("Kind of the source."),
  name: z.string().describe("Name of the source."),
  namespace: z.string().optional().describe("Namespace of the source; without it, that of the Kustomization."),
});

const Decryption = z.object({
  provider: z.enum(["sops"]).describe("What the manifests are encrypted with."),
  secretRef: LocalObjectReference.optional().describe(
    "Secret with the keys: age keys under names that end in `.agekey`, OpenPGP keys under names that end in `.asc`, credentials of clouds and vaults under `sops.<service>`.",
  ),
  serviceAccountName: z
    .string()
    .optional()
    .describe(
      "ServiceAccount whose identity is used at a cloud's key service where the Secret holds no credentials for it.",
    ),
});

const SubstituteReference = z.object({
  kind: z.enum(["Secret", "ConfigMap"]).describe("Kind of the object that holds the variables."),
  name: z.string().min(1).max(253).describe("Name of the object, in the namespace of the Kustomization."),
  optional: z.boolean().default(false).describe("Go on without the variables where the object does not exist."),
});

const PostBuild = z.object({
  substitute: z
    .record(z.string(), z.string())
    .optional()
    .describe("Variables and their values; they win over those of substituteFrom."),
  substituteFrom: z
    .array(SubstituteReference)
    .optional()
    .describe("ConfigMaps and Secrets whose keys are the names of variables; a later one wins."),
  substituteStrategy: z
    .enum(["WithVariables", "Always"])
    .optional()
    .describe(
      "`Always` substitutes also where there is no variable at all; without it, `WithVariables`: only where there is at least one.",
    ),
});

const spec = z
  .object({
    sourceRef: SourceReference.describe("Source whose artifact holds the manifests."),
    path: z
      .string()
      .optional()
      .describe("Directory of the artifact that holds a kustomization.yaml, or plain manifests; without it, the root."),
    interval: Duration.describe(
      "How often to apply again and look for drift where nothing changed, give or take some jitter.",
    ),
    retryInterval: Duration.optional().describe("How long to wait after a failure; without it, the interval."),
    timeout: Duration.optional().describe(
      "How long applied objects may take to become healthy or to go away; without it, 30 seconds less than the interval.",
    ),
    suspend: z.boolean().optional().describe("Leave the cluster as it is; a run that goes on is not ended."),
    prune: z.boolean().describe("Delete objects that were applied before and have left the source."),
    deletionPolicy: z
      .enum(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"])
      .optional()
      .describe(
        "What becomes of the applied objects when the Kustomization is deleted: they go (`Delete`), they go and it waits for that (`WaitForTermination`), they stay (`Orphan`), or as prune says (`MirrorPrune`, also without the field).",
      ),
    force: z
      .boolean()
      .default(false)
      .describe("Delete and create again an object of which an immutable field changed."),
    wait: z
      .boolean()
      .optional()
      .describe("Be ready only when all applied objects are healthy; healthChecks is then not read."),
    healthChecks: z
      .array(NamespacedObjectKindReference)
      .optional()
      .describe("Objects that must be healthy for the Kustomization to be ready."),
    healthCheckExprs: z
      .array(CustomHealthCheck)
      .optional()
      .describe(
        "How to tell the health of kinds that do not report it as Kubernetes' own do; read with wait or healthChecks.",
      ),
    dependsOn: z
      .array(DependencyReference)
      .optional()
      .describe("Kustomizations and HelmReleases that must be ready first."),
    serviceAccountName: z
      .string()
      .optional()
      .describe(
        "ServiceAccount of the same namespace whose rights are used for everything that is done in the cluster.",
      ),
    kubeConfig: KubeConfigReference.optional().describe("Apply to another cluster than that of the controller."),
    targetNamespace: z.string().min(1).max(63).optional().describe("Namespace for all objects, in place of their own."),
    namePrefix: z.string().min(1).max(200).optional().describe("Put before the name of every object."),
    nameSuffix: z.string().min(1).max(200).optional().describe("Put after the name of every object."),
    commonMetadata: CommonMetadata.optional().describe(
      "Labels and annotations for all objects; templates of pods are left alone.",
    ),
    images: z.array(Image).optional().describe("Other names, tags or digests for container images."),
    patches: z.array(Patch).optional().describe("Changes to the objects, made after those of the kustomization.yaml."),
    components: z.array(z.string()).optional().describe("Relative paths of kustomize components to add."),
    ignoreMissingComponents: z.boolean().optional().describe("Leave out components whose directory does not exist."),
    buildMetadata: z
      .array(z.enum(["originAnnotations", "transformerAnnotations"]))
      .optional()
      .describe("Annotations that kustomize adds: where an object came from, and which transformers changed it."),
    postBuild: PostBuild.optional().describe("Substitute variables in the built manifests."),
    decryption: Decryption.optional().describe("Decrypt manifests and files before use."),
    ignore: z
      .array(IgnoreRule)
      .optional()
      .describe("Fields that others may change: they are neither compared nor put back."),
    driftDetection: DriftDetection.optional().describe(
      "How changes that others make to applied objects are treated; Flux's controllers ignore the field.",
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
  firstReconciled: z.string().meta({ format: "date-time" }).describe("When a run first ended like this."),
  lastReconciled: z.string().meta({ format: "date-time" }).describe("When a run last ended like this."),
  lastReconciledDuration: z.string().describe("How long that run took."),
  lastReconciledStatus: z.string().describe("How it ended: the reason of the Ready condition."),
  totalReconciliations: z.int().describe("How many runs ended like this."),
  metadata: z.record(z.string(), z.string()).optional().describe("Revision and origin revision of the last of them."),
});

const status = z
  .object({
    observedGeneration: z
      .int()
      .optional()
      .describe("The newest generation that was reconciled, or found to be impossible; -1 before the first."),
    conditions: Conditions.optional(),
    lastAppliedRevision: z.string().optional().describe("Revision that was last applied in full."),
    lastAppliedOriginRevision: z
      .string()
      .optional()
      .describe("What the source says its artifact was made from, for the revision last applied in full."),
    lastAttemptedRevision: z.string().optional().describe("Revision that was last tried."),
    inventory: Inventory.optional().describe("The objects that were applied."),
    history: z.array(Snapshot).optional().describe("How the last runs ended, newest first; equal ends share an entry."),
    lastHandledReconcileAt: z.string().optional().describe("Value of the reconcile request that was last acted on."),
  })
  .default({ observedGeneration: -1 })
  .describe("What the controller last did.");

export const Kustomization = defineResource({
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  plural: "kustomizations",
  shortNames: ["ks"],
  categories: ["all", "fluxcd", "fluxcd-appliers"],
  reconciledBy: "kustomize-controller",
  description: "Manifests from a source, built with kustomize, that the cluster is kept equal to.",
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
      "HealthCheckCanceled",
      "DependencyNotReady",
      "AccessDenied",
      "InvalidCELExpression",
      "FeatureGateDisabled",
      "DirectoryCreationFailed",
    ],
    Healthy: ["Succeeded", "Progressing", "HealthCheckFailed"],
    Drifted: ["DriftDetected", "NoDriftDetected"],
    Reconciling: ["Progressing", "ProgressingWithRetry"],
    Stalled: ["AccessDenied", "InvalidCELExpression", "FeatureGateDisabled"],
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
    { role: "source", kind: sourceRef?.kind ?? "", to: sourceRef },
    ...dependsOn.map((to) => ({ role: "dependency" as const, kind: to.kind ?? "Kustomization", to })),
    ...(postBuild?.substituteFrom ?? []).map(({ kind, name }) => ({ role: "config" as const, kind, to: { name } })),
    { role: "config", kind: "Secret", to: decryption?.secretRef },
    { role: "config", kind: "Secret", to: kubeConfig?.secretRef },
    { role: "config", kind: "ConfigMap", to: kubeConfig?.configMapRef },
  ],
});
export type Kustomization = ResourceOf<typeof Kustomization>;
export type KustomizationStatus = StatusOf<typeof Kustomization>;
