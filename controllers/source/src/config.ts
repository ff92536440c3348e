import { digestAlgorithms } from "@leat/artifact";
import { commonFlags, durationFlag, integerFlag, listenFlag } from "@leat/controller";
import * as z from "zod";

/** Flux's, which are accepted and have no effect here yet. */
const featureGates = {
  CacheSecretsAndConfigMaps: false,
  DirectSourceFetch: false,
  ObjectLevelWorkloadIdentity: false,
  OptimizedGitClones: true,
};

/** The flags of the source controller; names and meaning are Flux's. */
export const Config = z.object({
  ...commonFlags({ concurrent: 10, featureGates }),
  storagePath: z
    .string()
    .default(process.env["STORAGE_PATH"] ?? "/data")
    .describe("Directory for artifacts and copies of repositories; must not be shared with other controllers."),
  storageAddr: listenFlag(process.env["STORAGE_ADDR"] ?? ":9090").describe(
    "Listen address for artifacts; port 0 selects a free port.",
  ),
  storageAdvAddr: z
    .string()
    .default(process.env["STORAGE_ADV_ADDR"] ?? "")
    .describe("host:port in the URLs of artifacts; default: this host's name and the listen port."),
  artifactRetentionTtl: durationFlag("60s").describe("Retention time of outdated artifacts."),
  artifactRetentionRecords: integerFlag(2, 1).describe("Maximum number of artifacts per object, including the latest."),
  artifactDigestAlgo: z.enum(digestAlgorithms).default("sha256").describe("Digest algorithm of artifacts."),
  gitBinary: z.string().default("git").describe("Path of the git binary."),
});
export type Config = z.output<typeof Config>;
