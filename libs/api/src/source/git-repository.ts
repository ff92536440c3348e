import * as z from "zod";
import { Artifact } from "../artifact.ts";
import { Conditions } from "../condition.ts";
import { core } from "../core.ts";
import { Duration, ShortDuration } from "../duration.ts";
import { LocalObjectReference } from "../references.ts";
import { defineResource, type ResourceOf, type StatusOf } from "../resource.ts";

const Ref = z.object({
  branch: z.string().optional().describe("Branch to follow; `master` if no field of the ref is set."),
  tag: z.string().optional().describe("Tag to use; overrides branch."),
  semver: z.string().optional().describe("Semver range; the highest matching tag is used. Overrides tag."),
  name: z
    .string()
    .optional()
    .describe(
      "Full name of a ref, such as refs/heads/main, refs/tags/v1.0.0 or refs/pull/42/head; overrides semver, tag and branch.",
    ),
  commit: z
    .string()
    .optional()
    .describe(
      "Full hash of the commit to use; overrides all others. With a branch, the commit must be on that branch.",
    ),
});

const Verification = z.object({
  mode: z
    .enum(["head", "HEAD", "Tag", "TagAndHEAD"])
    .default("HEAD")
    .describe("What must be signed: the commit (`HEAD`, or the older `head`), the tag, or both."),
  secretRef: LocalObjectReference.describe(
    "Secret with the trusted public keys: PGP keys in `*.asc`, SSH keys in `*.sshpub`.",
  ),
});

const Include = z.object({
  repository: LocalObjectReference.describe("GitRepository of the same namespace to include."),
  fromPath: z.string().optional().describe("Directory of the included artifact to copy; default: the root."),
  toPath: z
    .string()
    .optional()
    .describe("Target directory in this artifact; default: the name of the included GitRepository."),
});

const spec = z
  .object({
    url: z
      .string()
      .regex(/^(http|https|ssh):\/\/.*$/)
      .describe("URL of the repository: HTTP, HTTPS or SSH."),
    ref: Ref.optional().describe("Branch, tag, semver range, ref or commit to follow; default: the branch `master`."),
    interval: Duration.describe("Interval for checking for a new revision, plus or minus some jitter."),
    timeout: ShortDuration.default("60s").describe("Time limit of each Git operation."),
    secretRef: LocalObjectReference.optional().describe(
      "Secret with the credentials: `username` and `password`, or `bearerToken`, for HTTPS; `identity` and `known_hosts` for SSH; `ca.crt` for a private CA, `tls.crt` and `tls.key` for a client certificate.",
    ),
    provider: z
      .enum(["generic", "aws", "azure", "github"])
      .optional()
      .describe("Authentication provider; default: `generic`, with the Secret's credentials."),
    serviceAccountName: z
      .string()
      .optional()
      .describe("ServiceAccount of the same namespace whose cloud identity is used; only with provider aws or azure."),
    proxySecretRef: LocalObjectReference.optional().describe(
      "Secret with the proxy: `address`, and optionally `username` and `password`.",
    ),
    verify: Verification.optional().describe("Verification of the revision's signature."),
    ignore: z
      .string()
      .optional()
      .describe("Files to exclude from the artifact, as in .gitignore; overrides .sourceignore files."),
    suspend: z.boolean().optional().describe("Suspend reconciliation, and keep the last artifact."),
    recurseSubmodules: z.boolean().optional().describe("Include submodules, with the same credentials."),
    include: z.array(Include).optional().describe("Other GitRepositories whose artifacts are copied into this one."),
    sparseCheckout: z
      .array(z.string())
      .optional()
      .describe("Directories to include in the artifact; default: the complete repository."),
  })
  .describe("Which repository to fetch, and what its artifact contains.")
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
      .describe("Latest generation that was reconciled, or found to be invalid; -1 before the first."),
    conditions: Conditions.optional(),
    artifact: Artifact.optional().describe("The latest artifact."),
    includedArtifacts: z.array(Artifact).optional().describe("The artifacts that the latest artifact includes."),
    observedIgnore: z.string().optional().describe("spec.ignore of the latest artifact."),
    observedRecurseSubmodules: z.boolean().optional().describe("spec.recurseSubmodules of the latest artifact."),
    observedInclude: z.array(Include).optional().describe("spec.include of the latest artifact."),
    observedSparseCheckout: z.array(z.string()).optional().describe("spec.sparseCheckout of the latest artifact."),
    sourceVerificationMode: z.string().optional().describe("spec.verify.mode of the last verification."),
    lastHandledReconcileAt: z
      .string()
      .optional()
      .describe("Value of the last reconciliation request that was handled."),
  })
  .default({ observedGeneration: -1 })
  .describe("Observed state.");

/** What can be in the way; Ready then gives the same reason. */
const failures = {
  FetchFailed: [
    "GitOperationFailed",
    "AuthenticationFailed",
    "URLInvalid",
    "EmptyGitRepository",
    "LimitExceeded",
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
    "InvalidPath",
    "ArchiveOperationFailed",
    "CopyFailure",
    "SymlinkUpdateFailed",
    "ArtifactVerificationFailed",
  ],
} as const;

const self = { group: "source.toolkit.fluxcd.io", kind: "GitRepository" } as const;

export const GitRepository = defineResource({
  ...self,
  version: "v1",
  plural: "gitrepositories",
  shortNames: ["gitrepo"],
  categories: ["all", "fluxcd", "fluxcd-sources"],
  cliName: "git",
  reconciledBy: "source-controller",
  description: "Fetches a Git repository, and publishes each new revision as an artifact for other controllers.",
  columns: {
    URL: ".spec.url",
    Age: { path: ".metadata.creationTimestamp", type: "date" },
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Status: '.status.conditions[?(@.type=="Ready")].message',
    Revision: { path: ".status.artifact.revision", isWide: true },
  },
  conditions: {
    Ready: [
      ...new Set([
        "Succeeded",
        "Progressing",
        ...Object.values(failures).flat(),
        "DeadlineExceeded",
        "ResourceExhausted",
      ] as const),
    ],
    Reconciling: ["Progressing", "ProgressingWithRetry"],
    Stalled: [
      "ResourceExhausted",
      "URLInvalid",
      "LimitExceeded",
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
    ...include.map(({ repository }) => ({ role: "dependency" as const, of: self, to: repository })),
    ...[secretRef, proxySecretRef, verify?.secretRef].map((to) => ({ role: "config" as const, of: core.Secret, to })),
  ],
});
export type GitRepository = ResourceOf<typeof GitRepository>;
export type GitRepositoryStatus = StatusOf<typeof GitRepository>;
