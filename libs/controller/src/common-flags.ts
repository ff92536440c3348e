import { parseDuration } from "@leat/api";
import { isNetwork } from "@leat/http";
import { parseLabelSelector } from "@leat/kube";
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

/** A flag that takes a label selector. */
export function selectorFlag(): z.ZodString {
  const isSelector = (text: string) => parseLabelSelector(text) !== undefined;
  return z.string().refine(isSelector, "expected a label selector such as team=shop,!canary");
}

/** A flag that takes an address to listen at, or what is `disabledBy`. */
export function listenFlag(byDefault: string, disabledBy?: string): z.ZodType<string> {
  const isAddress = (text: string) => text === disabledBy || Number(/:(\d+)$/.exec(text)?.[1]) <= 65_535;
  return z.string().refine(isAddress, "expected host:port or :port, with a port from 0 to 65535").default(byDefault);
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
    kubeconfig: z.string().optional().describe("Path of a kubeconfig; default: the pod's service account."),
    context: z.string().optional().describe("Context of the kubeconfig."),
    concurrent: integerFlag(concurrent, 1, 1000).describe(
      "Maximum number of concurrent reconciliations per kind; more while some namespaces occupy more than their share.",
    ),
    watchAllNamespaces: switchFlag(true).describe(
      "Reconcile objects in all namespaces; otherwise only in RUNTIME_NAMESPACE.",
    ),
    watchLabelSelector: selectorFlag()
      .optional()
      .describe("Reconcile only objects that match this label selector (sharding)."),
    ...reportingFlags,
    requeueDependency: durationFlag("30s").describe(
      "Maximum delay before an object that waits for a dependency is checked again.",
    ),
    featureGates: gatesFlag<Gates>(featureGates ?? ({} as Gates)).describe("Feature gates, as A=true,B=false."),
    noCrossNamespaceRefs: switchFlag(false).describe("Reject references to objects in other namespaces."),
    defaultServiceAccount: z.string().default("").describe("ServiceAccount to impersonate for objects that name none."),
    reconciliationTimeout: durationFlag("30m").describe(
      "Maximum duration of a reconciliation, even if spec.timeout is longer.",
    ),
    ...networkFlags,
    intervalJitterPercentage: integerFlag(5, 0, 99).describe("Random jitter of intervals, in percent."),
    minRetryDelay: durationFlag("750ms").describe("Initial delay of the exponential backoff."),
    maxRetryDelay: durationFlag("15m").describe("Maximum delay of the exponential backoff."),
    gracefulShutdownTimeout: durationFlag("25s").describe("Time limit for running reconciliations at shutdown."),
    ...leaderElectionFlags,
    runtimeNamespace: z
      .string()
      .default("flux-system")
      .describe("Namespace of the controller; set by RUNTIME_NAMESPACE in a pod."),
  };
}

/** Link-local addresses, also through NAT64, and metadata services of AWS, Google Cloud, Alibaba Cloud, Oracle Cloud and Azure elsewhere. */
const nodeNetworks = [
  "169.254.0.0/16",
  "fe80::/10",
  "64:ff9b::a9fe:0/112",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "168.63.129.16/32",
].join(",");

const networkFlags = {
  deniedNetworks: z
    .string()
    .default(nodeNetworks)
    .transform((networks) => networks.split(",").filter(Boolean))
    .refine((networks) => networks.every(isNetwork), "expected addresses or networks, such as 10.0.0.0/8")
    .describe(
      "Networks, separated by commas, that are not contacted for an address in an object: by default link-local addresses and " +
        "the metadata services of clouds. The controller's own ports are never contacted.",
    ),
};

const reportingFlags = {
  eventsAddr: z
    .string()
    .transform((text) => (text === "" || /^https?:\/\//.test(text) ? text : `http://${text}`))
    .refine((text) => text === "" || URL.canParse(text), "expected a URL")
    .optional()
    .describe("URL of the notification controller for events."),
  metricsAddr: listenFlag(":8080", "0").describe("Listen address for metrics; 0 disables them."),
  healthAddr: listenFlag(":9440", "0").describe("Listen address for health and readiness probes; 0 disables them."),
  logLevel: z.enum(["trace", "debug", "info", "error"]).default("info").describe("Minimum log level."),
  logEncoding: z.enum(["json"]).default("json").describe("Encoding of log lines."),
};

const leaderElectionFlags = {
  enableLeaderElection: switchFlag(false).describe("Elect a leader among the replicas, with a Lease."),
  leaderElectionLeaseDuration: durationFlag("35s").describe(
    "Duration that non-leaders wait before they take over the leadership.",
  ),
  leaderElectionRenewDeadline: durationFlag("30s").describe(
    "Duration that the leader retries renewal before it gives up leadership.",
  ),
  leaderElectionRetryPeriod: durationFlag("5s").describe("Delay between attempts to acquire or renew the leadership."),
};

/** The flags of controllers that authenticate at clouds. */
export function cloudFlags() {
  return {
    tokenCacheMaxSize: integerFlag(100).describe("Maximum number of cached cloud tokens; 0 disables the cache."),
    tokenCacheMaxDuration: durationFlag("1h").describe(
      "Maximum time that a cloud token is cached, limited to one hour and to 80 % of its lifetime.",
    ),
  };
}

const CommonConfig = z.object(commonFlags({ concurrent: 1 }));
export type CommonConfig = z.output<typeof CommonConfig>;

/** The namespace that a program watches; `undefined` for all of them. */
export function watchedNamespace({
  watchAllNamespaces,
  runtimeNamespace,
}: Pick<CommonConfig, "watchAllNamespaces" | "runtimeNamespace">): string | undefined {
  return watchAllNamespaces ? undefined : runtimeNamespace;
}

const CloudFlags = z.object(cloudFlags());
export type CloudConfig = CommonConfig &
  z.output<typeof CloudFlags> & { featureGates: { ObjectLevelWorkloadIdentity: boolean } };
