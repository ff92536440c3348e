import { parseDuration } from "@leat/api";
import * as z from "zod";
import { type FeatureGates, gatesFlag } from "./feature-gates.ts";

/** A flag that takes a Go duration (`30s`, `1h30m`), read as milliseconds. */
export function durationFlag(byDefault: string): z.ZodType<number> {
  return z
    .string()
    .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/, "expected a duration such as 30s or 1h30m")
    .default(byDefault)
    .transform((text) => parseDuration(text));
}

/** A flag that is on or off: `--flag`, `--flag=true`, `--flag=false`. */
export function switchFlag(byDefault: boolean): z.ZodType<boolean> {
  return z
    .enum(["true", "false"])
    .default(byDefault ? "true" : "false")
    .transform((text) => text === "true");
}

/** A flag that takes a whole number. */
export function integerFlag(byDefault: number, min = 0, max = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  return z.coerce.number().int().min(min).max(max).default(byDefault);
}

/** What differs between programs in the common flags. */
export interface CommonDefaults<Gates extends FeatureGates = FeatureGates> {
  concurrent: number;
  /** The program's feature gates, and which of them are on by default; none where it is absent. */
  featureGates?: Gates;
}

/** The flags of every controller; names and meaning are Flux's. */
export function commonFlags<Gates extends FeatureGates = FeatureGates>({
  concurrent,
  featureGates,
}: CommonDefaults<Gates>) {
  return {
    kubeconfig: z.string().optional().describe("Path of a kubeconfig; the pod's own identity where it is absent."),
    context: z.string().optional().describe("Context of the kubeconfig."),
    concurrent: integerFlag(concurrent, 1, 1000).describe(
      "How many objects of a kind are reconciled at the same time.",
    ),
    watchAllNamespaces: switchFlag(true).describe(
      "Reconcile objects of all namespaces; otherwise of RUNTIME_NAMESPACE only.",
    ),
    watchLabelSelector: z.string().optional().describe("Reconcile only objects with these labels: a shard."),
    ...reportingFlags,
    requeueDependency: durationFlag("30s").describe(
      "How soon something that waits for another object is looked at again at the latest.",
    ),
    featureGates: gatesFlag<Gates>(featureGates ?? ({} as Gates)).describe(
      "What to switch on and off, as A=true,B=false.",
    ),
    noCrossNamespaceRefs: switchFlag(false).describe("Refuse references to objects of other namespaces."),
    defaultServiceAccount: z.string().default("").describe("ServiceAccount to act as where an object names none."),
    intervalJitterPercentage: integerFlag(5, 0, 99).describe("How far intervals are moved at random, in percent."),
    minRetryDelay: durationFlag("750ms").describe("First delay of the exponential backoff."),
    maxRetryDelay: durationFlag("15m").describe("Longest delay of the exponential backoff."),
    gracefulShutdownTimeout: durationFlag("25s").describe("How long runs may take to end at shutdown."),
    ...leaderElectionFlags,
    runtimeNamespace: z
      .string()
      .default("flux-system")
      .describe("Namespace of the controller itself; RUNTIME_NAMESPACE in a pod."),
  };
}

const reportingFlags = {
  eventsAddr: z.string().optional().describe("Address of the notification controller that events are posted to."),
  metricsAddr: z.string().default(":8080").describe("Address of the metrics; 0 switches them off."),
  healthAddr: z.string().default(":9440").describe("Address of the health and readiness probes; 0 switches them off."),
  logLevel: z.enum(["trace", "debug", "info", "error"]).default("info").describe("Log lines below it are dropped."),
  logEncoding: z.enum(["json"]).default("json").describe("Encoding of log lines."),
};

const leaderElectionFlags = {
  enableLeaderElection: switchFlag(false).describe("Let one of several replicas act, by a Lease."),
  leaderElectionLeaseDuration: durationFlag("35s").describe("How long a leader that fell silent is still waited for."),
  leaderElectionRenewDeadline: durationFlag("30s").describe("How long a leader tries to renew before it gives up."),
  leaderElectionRetryPeriod: durationFlag("5s").describe("Pause between tries to become or stay leader."),
};

const CommonConfig = z.object(commonFlags({ concurrent: 1 }));
export type CommonConfig = z.output<typeof CommonConfig>;

/** The namespace that a program watches; `undefined` for all of them. */
export function watchedNamespace({
  watchAllNamespaces,
  runtimeNamespace,
}: Pick<CommonConfig, "watchAllNamespaces" | "runtimeNamespace">): string | undefined {
  return watchAllNamespaces ? undefined : runtimeNamespace;
}
