import { readFile } from "node:fs/promises";
import { Fault } from "@leat/api";
import { type AddressGuard, proxiesOf } from "@leat/http";
import { createClient } from "./client.ts";
import { processEnvironment } from "./config.ts";
import { createDiscovery } from "./discovery.ts";
import { checkServer, createIdentitySource, type IdentitySource } from "./connection-identity.ts";
import { inClusterIdentity } from "./in-cluster.ts";
import { kubeconfigIdentity } from "./kubeconfig.ts";
import type { ContextChoice } from "./kubeconfig-entries.ts";
import type { Kube } from "./kube.ts";
import { type ConfigLocationOptions, configLocationOf } from "./config-location.ts";
import { type SelfContained, selfContainedIdentity } from "./self-contained.ts";
import { renewed, type TokenSource } from "./token-source.ts";
import { createTransport, type RequestInfo } from "./transport.ts";
import type { WatchTiming } from "./watch-session.ts";

/**
 * Which API server, with which identity, and how. The first that is given counts: `server`, `selfContained`, `kubeconfig`, `inCluster`,
 * `env`. The proxies that `env` names are used unless the kubeconfig names one, as kubectl does.
 */
export interface ConnectOptions extends ConfigLocationOptions {
  /** URL of the server, with `token` and `ca` or `caFile` instead of a kubeconfig. */
  server?: string | undefined;
  token?: string | TokenSource | undefined;
  /** PEM. */
  ca?: string | undefined;
  caFile?: string | undefined;
  /** A kubeconfig that is not to be trusted: it runs nothing, and no file is read for it. */
  selfContained?: SelfContained | undefined;
  /** Of the kubeconfig; its current context where absent. */
  context?: string | undefined;
  /** What is used instead of what the context of the kubeconfig says. */
  overrides?: Omit<ContextChoice, "context"> | undefined;
  /** `leat` where absent. */
  userAgent?: string | undefined;
  /**
   * Requests under way at a time, and connections kept for them, up to eight times as many if the server is far away; 10 where absent.
   * Watches have connections of their own.
   */
  connections?: number | undefined;
  watchTiming?: Partial<WatchTiming> | undefined;
  /** Denies addresses, for a server that a tenant names. */
  guard?: AddressGuard | undefined;
  /** Called after each attempt of each request; for metrics. */
  onRequest?: ((info: RequestInfo) => void) | undefined;
}

const defaultConnections = 10;
const defaultTiming: WatchTiming = { sessionMs: 5 * 60_000, stallMs: 150_000 };
const tokenMaxAgeMs = 60_000;

/**
 * Opens a client. Reads the configuration and sends nothing yet.
 *
 * @throws Fault `KubeconfigInvalid` where the configuration is missing or wrong
 */
export async function connect(options: ConnectOptions): Promise<Kube> {
  const identity = await identityFor(options);
  // A mistake in the configuration shows here, not at the first request.
  await identity.current();
  const { userAgent = "leat", connections = defaultConnections, onRequest, watchTiming, guard } = options;
  const proxies = proxiesOf(options.env ?? processEnvironment());
  const transport = createTransport({ identity, connections, proxies, guard, userAgent, onRequest });
  const discovery = createDiscovery(transport);
  const client = createClient({ transport, discovery, timing: { ...defaultTiming, ...watchTiming }, headers: {} });
  return { ...client, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}

async function identityFor(options: ConnectOptions): Promise<IdentitySource> {
  const { server, context, overrides = {} } = options;
  if (server !== undefined) return explicitIdentity(server, options);
  if (options.selfContained !== undefined) return selfContainedIdentity(options.selfContained);
  const location = configLocationOf(options);
  switch (location.kind) {
    case "kubeconfig":
      return kubeconfigIdentity({ ...overrides, path: location.path, context });
    case "in-cluster":
      return inClusterIdentity(location.env, location.directory);
    case "nowhere":
      throw new Fault("KubeconfigInvalid", "no API server configured: set --kubeconfig or KUBECONFIG, or run in a pod");
  }
}

function explicitIdentity(server: string, { token, ca, caFile }: ConnectOptions): IdentitySource {
  const checked = checkServer(server, "the server option");
  const currentToken = typeof token === "function" ? renewed(token) : async () => token;
  return createIdentitySource(async (why) => {
    const trusted = caFile === undefined ? ca : await readFile(caFile, "utf8");
    const current = await currentToken(why);
    const headers: Record<string, string> = current === undefined ? {} : { authorization: `Bearer ${current}` };
    return { server: checked, tls: trusted === undefined ? {} : { ca: trusted }, headers };
  }, tokenMaxAgeMs);
}
