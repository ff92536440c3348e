import { digestAlgorithms } from "@leat/artifact";
import { commonFlags, durationFlag, integerFlag } from "@leat/controller";
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
    .describe("Directory for artifacts and copies of repositories; belongs to this controller alone."),
  storageAddr: z
    .string()
    .regex(/:\d+$/, "expected host:port or :port")
    .default(process.env["STORAGE_ADDR"] ?? ":9090")
    .describe("Address that artifacts are served on; port 0 takes a free one."),
  storageAdvAddr: z
    .string()
    .default(process.env["STORAGE_ADV_ADDR"] ?? "")
    .describe("host:port under which others reach the artifacts; this host's name and the port where it is empty."),
  artifactRetentionTtl: durationFlag("60s").describe("How long an outdated artifact is kept."),
  artifactRetentionRecords: integerFlag(2, 1).describe(
    "How many artifacts of an object are kept, the newest included.",
  ),
  artifactDigestAlgo: z.enum(digestAlgorithms).default("sha256").describe("Algorithm of the artifacts' digests."),
  gitBinary: z.string().default("git").describe("Path of the git binary."),
});
export type Config = z.output<typeof Config>;
