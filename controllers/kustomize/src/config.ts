import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchLabel, watchLabelValue } from "@leat/api";
import { cloudFlags, commonFlags, durationFlag, integerFlag, selectorFlag, switchFlag } from "@leat/controller";
import * as z from "zod";

/**
 * Flux's, all of which are accepted. Those that say what they do have an effect here; docs/differences-from-flux.md
 * says why the others have none.
 */
const featureGates = {
  /** A dependency's `readyExpr` is asked in addition to the built-in check, and not in its place. */
  AdditiveCELDependencyCheck: false,
  CacheSecretsAndConfigMaps: false,
  CancelHealthCheckOnNewRevision: false,
  DirectSourceFetch: false,
  /** Changes of ConfigMaps and Secrets wake nobody, whatever their labels. */
  DisableConfigWatchers: false,
  /** An object that has failed does not end the wait for others that are on their way. */
  DisableFailFastBehavior: false,
  DisableStatusPollerCache: true,
  ExternalArtifact: false,
  GroupChangeLog: false,
  MigrateAPIVersion: false,
  ObjectLevelWorkloadIdentity: false,
  /** A variable that is undefined and has no default is rejected. */
  StrictPostBuildSubstitutions: true,
};

/** The flags of the kustomize controller; names and meaning are Flux's. */
const flags = z.object({
  ...commonFlags({ concurrent: 8, featureGates }),
  concurrentSsa: integerFlag(8, 1, 100).describe("Maximum number of concurrent requests of one apply."),
  noRemoteBases: switchFlag(false).describe("Reject remote bases."),
  overrideManager: z
    .string()
    .default("")
    .transform((names) => names.split(",").filter(Boolean))
    .describe("Field managers, separated by commas, whose fields are overridden like those of kubectl."),
  customApplyStageKinds: z
    .string()
    .default("")
    .transform((kinds) => new Set(kinds.split(/[;,]/).filter(Boolean)))
    .describe("Kinds as group/Kind, separated by commas, that are applied in a stage before other objects."),
  watchConfigsLabelSelector: selectorFlag()
    .default(`${watchLabel}=${watchLabelValue}`)
    .describe("Labels of ConfigMaps and Secrets whose changes trigger a reconciliation; empty for all."),
  sopsAgeSecret: z
    .string()
    .regex(/^([^/]+\/)?[^/]+$/, "expected the name of a Secret, or namespace/name")
    .optional()
    .describe(
      "Secret with age keys, in RUNTIME_NAMESPACE or as namespace/name, for Kustomizations with spec.decryption and no secretRef.",
    ),
  sopsVaultConfigmap: z
    .string()
    .default("")
    .describe(
      "ConfigMap in RUNTIME_NAMESPACE that lists the Vault or OpenBao instances for login with ServiceAccount tokens; " +
        "empty for none.",
    ),
  defaultDecryptionServiceAccount: z
    .string()
    .default("")
    .describe(
      "ServiceAccount in the namespace of the object whose identity is used at key services, if spec.decryption names none; " +
        "the controller's own identity is then never used.",
    ),
  insecureKubeconfigTls: switchFlag(false).describe("Allow insecure-skip-tls-verify in kubeconfigs of other clusters."),
  insecureKubeconfigExec: switchFlag(false).describe(
    "No effect: exec plugins in kubeconfigs from Secrets are never run.",
  ),
  defaultKubeconfigServiceAccount: z
    .string()
    .default("")
    .describe("ServiceAccount whose token is used for another cluster, if its ConfigMap names none."),
  ...cloudFlags(),
  httpTimeout: durationFlag("30s").describe(
    "Time until a source must begin to send an artifact, and limit of each pause of the download.",
  ),
  workDirectory: z
    .string()
    .default(join(tmpdir(), "leat-kustomize-controller"))
    .describe("Directory for unpacked artifacts and builds."),
  kustomizeBinary: z.string().default("kustomize").describe("kustomize binary: a path, or a name in the PATH."),
  kustomizeRenderer: z
    .string()
    .default("kustomize-renderer")
    .describe("Sandboxed renderer: a path, or a name in the PATH. If it is missing, the kustomize binary is used."),
});

/** An account that may not act would let the controller act in its place. */
export const Config = flags.refine(
  (config) => config.defaultDecryptionServiceAccount === "" || config.featureGates.ObjectLevelWorkloadIdentity,
  {
    path: ["defaultDecryptionServiceAccount"],
    error: "needs --feature-gates=ObjectLevelWorkloadIdentity=true",
  },
);
export type Config = z.output<typeof Config>;
