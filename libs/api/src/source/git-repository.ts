import * as z from "zod";
import { Artifact } from "../artifact.ts";
import { Conditions } from "../condition.ts";
import { Duration, ShortDuration } from "../duration.ts";
import { LocalObjectReference } from "../references.ts";
import { defineResource, type ResourceOf, type StatusOf } from "../resource.ts";

const Ref = z.object({
  branch: z.string().optional().describe("Branch to follow; `master` where no field of the ref is set."),
  tag: z.string().optional().describe("Tag to use; wins over branch."),
  semver: z
    .string()
    .optional()
    .describe("Range of versions, of which the highest matching tag is used; wins over tag."),
  name: z
    .string()
    .optional()
    .describe(
      "Full name of a ref, such as refs/heads/main, refs/tags/v1.0.0 or refs/pull/42/head; wins over semver, tag and branch.",
    ),
  commit: z
    .string()
    .optional()
    .describe(
      "Full hash of the commit to use; wins over all else. With a branch, the commit is looked for on that branch only.",
    ),
});

const Verification = z.object({
  mode: z
    .enum(["head", "HEAD", "Tag", "TagAndHEAD"])
    .default("HEAD")
    .describe("What has to be signed: the commit (`HEAD`; `head` is its old spelling), the tag, or both."),
  secretRef: LocalObjectReference.describe(
    "Secret with the public keys that are trusted: PGP keys under names that end in `.asc`, SSH keys under names that end in `.sshpub`.",
  ),
});

const Include = z.object({
  repository: LocalObjectReference.describe("GitRepository of the same namespace whose artifact is included."),
  fromPath: z.string().optional().describe("Directory of the included artifact to copy; without it, all of it."),
  toPath: z
    .string()
    .optional()
    .describe("Where to put it in this artifact; without it, a directory named like the included GitRepository."),
});

const spec = z
  .object({
    url: z
      .string()
      .regex(/^(http|https|ssh):\/\/.*$/)
      .describe("Address of the repository, over HTTP, HTTPS or SSH."),
    ref: Ref.optional().describe(
      "What to follow: a branch, a tag, a range of versions, a ref or a commit; without it, the branch `master`.",
    ),
    interval: Duration.describe("How often to look for a new revision, give or take some jitter."),
    timeout: ShortDuration.default("60s").describe("Time limit of each Git operation."),
    secretRef: LocalObjectReference.optional().describe(
      "Secret with the credentials: `username` and `password`, or `bearerToken`, for HTTPS; `identity` and `known_hosts` for SSH; `ca.crt` for a private CA, `tls.crt` and `tls.key` for a client certificate.",
    ),
    provider: z
      .enum(["generic", "aws", "azure", "github"])
      .optional()
      .describe("Whose way of authenticating is used; without it, `generic`: what the Secret holds."),
    serviceAccountName: z
      .string()
      .optional()
      .describe(
        "ServiceAccount of the same namespace whose identity is used at the cloud; only with provider aws or azure.",
      ),
    proxySecretRef: LocalObjectReference.optional().describe(
      "Secret that names the proxy to go through: `address`, and `username` and `password` where it wants them.",
    ),
    verify: Verification.optional().describe("Whose signature the revision must carry."),
    ignore: z
      .string()
      .optional()
      .describe(
        "Patterns, as in .gitignore, of what stays out of the artifact; read after the .sourceignore files, so that they win.",
      ),
    suspend: z.boolean().optional().describe("Keep the last artifact and look for no new one."),
    recurseSubmodules: z.boolean().optional().describe("Check out submodules too, with the same credentials."),
    include: z.array(Include).optional().describe("Other GitRepositories whose artifacts are copied into this one."),
    sparseCheckout: z
      .array(z.string())
      .optional()
      .describe("Directories that make up the artifact; without it, the whole repository."),
  })
  .describe("Which repository to watch, and what to make of it.")
  .meta({
    "x-kubernetes-validations": [
      {
        message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
        rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
      },
    ],
  });

const status = z
  .object({
    observedGeneration: z
      .int()
      .optional()
      .describe("The newest generation that was reconciled, or found to be impossible; -1 before the first."),
    conditions: Conditions.optional(),
    artifact: Artifact.optional().describe("The newest artifact."),
    includedArtifacts: z
      .array(Artifact)
      .optional()
      .describe("The included artifacts as they went into the newest artifact."),
    observedIgnore: z.string().optional().describe("spec.ignore of the newest artifact."),
    observedRecurseSubmodules: z.boolean().optional().describe("spec.recurseSubmodules of the newest artifact."),
    observedInclude: z.array(Include).optional().describe("spec.include of the newest artifact."),
    observedSparseCheckout: z.array(z.string()).optional().describe("spec.sparseCheckout of the newest artifact."),
    sourceVerificationMode: z
      .string()
      .optional()
      .describe("spec.verify.mode under which the revision was last verified."),
    lastHandledReconcileAt: z.string().optional().describe("Value of the reconcile request that was last acted on."),
  })
  .default({ observedGeneration: -1 })
  .describe("What the controller last saw and made.");

/** What can be in the way; Ready then gives the same reason. */
const failures = {
  FetchFailed: [
    "GitOperationFailed",
    "AuthenticationFailed",
    "URLInvalid",
    "EmptyGitRepository",
    "InvalidProviderConfiguration",
    "FeatureGateDisabled",
  ],
  SourceVerified: [
    "Succeeded",
    "VerificationError",
    "InvalidVerificationMode",
    "InvalidGitObject",
    "InvalidTagSignature",
    "InvalidCommitSignature",
  ],
  IncludeUnavailable: ["NotFound", "NoArtifact", "IllegalPath", "CopyFailure"],
  StorageOperationFailed: [
    "GarbageCollectionFailed",
    "DirectoryCreationFailed",
    "StatOperationFailed",
    "InvalidPath",
    "ArchiveOperationFailed",
    "SourceIgnoreError",
    "CopyFailure",
    "SymlinkUpdateFailed",
    "PatchOperationFailed",
    "ArtifactVerificationFailed",
  ],
} as const;

export const GitRepository = defineResource({
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  kind: "GitRepository",
  plural: "gitrepositories",
  shortNames: ["gitrepo"],
  categories: ["all", "fluxcd", "fluxcd-sources"],
  cliName: "git",
  reconciledBy: "source-controller",
  description: "A Git repository to watch; each new revision is packed into an artifact that other controllers use.",
  columns: {
    URL: ".spec.url",
    Age: { path: ".metadata.creationTimestamp", type: "date" },
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Status: '.status.conditions[?(@.type=="Ready")].message',
    Revision: { path: ".status.artifact.revision", isWide: true },
  },
  conditions: {
    Ready: [...new Set(["Succeeded", "Progressing", ...Object.values(failures).flat()] as const)],
    Reconciling: ["Progressing", "ProgressingWithRetry"],
    Stalled: [
      "URLInvalid",
      "InvalidProviderConfiguration",
      "InvalidVerificationMode",
      "FeatureGateDisabled",
      "UnsupportedField",
    ],
    ArtifactInStorage: ["Succeeded"],
    ArtifactOutdated: ["NewRevision", "IncludeChange"],
    ...failures,
  },
  example: {
    url: "https://github.com/stefanprodan/podinfo",
    ref: { branch: "master" },
    interval: "1m",
    ignore: "/*\n!/kustomize/\n",
  },
  spec,
  status,
  references: ({ secretRef, proxySecretRef, verify, include = [] }) => [
    ...include.map(({ repository }) => ({ role: "dependency" as const, kind: "GitRepository", to: repository })),
    ...[secretRef, proxySecretRef, verify?.secretRef].map((to) => ({ role: "config" as const, kind: "Secret", to })),
  ],
});
export type GitRepository = ResourceOf<typeof GitRepository>;
export type GitRepositoryStatus = StatusOf<typeof GitRepository>;
