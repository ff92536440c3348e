import { Agent, type Dispatcher, Socks5ProxyAgent } from "undici";
import {
  type AddressGuard,
  createProxyAgent,
  guardedConnector,
  guardedLookup,
  portOf,
  type Proxies,
  requirePermitted,
} from "@leat/http";
import { withoutTrailing } from "@leat/text";
import type { ConnectionIdentity } from "./connection-identity.ts";

/** Connections to one server as one TLS identity. */
export interface Agents {
  origin: string;
  /** Path of the server's URL, empty where it has none. */
  basePath: string;
  /** A few kept-alive connections, one request at a time on each. */
  requests: Dispatcher;
  /** A connection for each watch. */
  watches: Dispatcher;
}

export interface AgentPool extends AsyncDisposable {
  /** The connections for an identity; new ones where its server, proxy, certificates or CA differ from the last. */
  for: (identity: ConnectionIdentity) => Agents;
}

// kube-apiserver itself closes what idles for 90 s.
const keepAliveMs = 60_000;
// Dead connections show ten seconds after this.
const probeAfterMs = 15_000;
const connectLimitMs = 10_000;
/** Bytes. A page of 500 objects of the largest size that etcd takes is some 750 MB, which no string can hold. */
const answerLimit = 256 * 1024 * 1024;

export interface AgentPoolOptions {
  /** How many requests may be under way at a time. */
  connections: number;
  /** Chooses the proxy if the identity names none. */
  proxies: Proxies;
  /** Denies addresses to the server, and to the proxy that the identity names. */
  guard?: AddressGuard | undefined;
}

export function createAgentPool({ connections, proxies, guard }: AgentPoolOptions): AgentPool {
  let current: { key: string; agents: Agents } | undefined;
  const open = new Set<Dispatcher>();

  const retire = (agent: Dispatcher) => {
    // What is under way on the old connections ends in its own time.
    agent.close().then(() => open.delete(agent), ignoreClosed);
  };
  return {
    for: (identity) => {
      const key = JSON.stringify([identity.server, identity.proxyUrl, identity.tls]);
      if (current?.key === key) return current.agents;
      if (current !== undefined) [current.agents.requests, current.agents.watches].forEach(retire);
      const proxyUrl = identity.proxyUrl ?? proxies(new URL(identity.server));
      if (guard) requirePermitted(guard, new URL(identity.server));
      // Proxies of the environment are permitted.
      const checked = proxyUrl === undefined || identity.proxyUrl !== undefined ? guard : undefined;
      const agents = createAgents({ ...identity, ...(proxyUrl !== undefined && { proxyUrl }) }, connections, checked);
      open.add(agents.requests).add(agents.watches);
      current = { key, agents };
      return agents;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...open].map((agent) => agent.destroy()));
    },
  };
}

function createAgents(identity: ConnectionIdentity, connections: number, guard: AddressGuard | undefined): Agents {
  const { origin, pathname } = new URL(identity.server);
  return {
    origin,
    basePath: withoutTrailing(pathname, "/"),
    requests: createDispatcher(
      identity,
      { connections, keepAliveTimeout: keepAliveMs, maxResponseSize: answerLimit },
      guard,
    ),
    watches: createDispatcher(identity, { connections: null, keepAliveTimeout: 1_000, maxResponseSize: -1 }, guard),
  };
}

type PoolLimits = Required<Pick<Agent.Options, "connections" | "keepAliveTimeout" | "maxResponseSize">>;

/** HTTP/1.1, whose connections survive GOAWAY and cost a third less than HTTP/2's. Limits in time are the caller's. */
function createDispatcher(
  { tls, proxyUrl }: ConnectionIdentity,
  limits: PoolLimits,
  guard: AddressGuard | undefined,
): Dispatcher {
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: probeAfterMs, timeout: connectLimitMs };
  const options = { ...limits, allowH2: false, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };
  if (proxyUrl === undefined)
    return new Agent({ ...options, connect: guard ? guardedConnector(guard, connect) : connect });
  if (guard) requirePermitted(guard, new URL(proxyUrl));
  // The proxy resolves names in any case, which is what socks5h asks for.
  if (proxyUrl.startsWith("socks"))
    return new Socks5ProxyAgent(proxyUrl.replace(/^socks5h:/, "socks5:"), {
      ...options,
      requestTls: connect,
      ...(guard && { connect: guardedConnector(guard, {}) }),
    });
  const proxyTls = guard && { lookup: guardedLookup(guard.denied(portOf(new URL(proxyUrl)))) };
  return createProxyAgent({ ...options, uri: proxyUrl, requestTls: connect, ...(proxyTls && { proxyTls }) });
}

function ignoreClosed(): void {
  // It was destroyed meanwhile, with the client.
}
