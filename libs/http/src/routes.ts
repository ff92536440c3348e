import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, Socks5ProxyAgent } from "undici";
import { type AddressGuard, guardedConnector, guardedLookup, portOf, requirePermitted } from "./address-guard.ts";
import type { Proxies } from "./proxies.ts";
import { createProxyAgent } from "./proxy-agent.ts";

/** TLS and proxy settings of a client. */
export interface HttpOptions {
  /** PEM; in addition to the system's authorities. */
  ca?: string | undefined;
  /** PEM of a client certificate and its key. */
  cert?: string | undefined;
  key?: string | undefined;
  /** `http:`, `https:` or `socks5:` URL, credentials included; for all requests. */
  proxy?: string | undefined;
  /** Chooses the proxy of each request if `proxy` is absent. */
  proxies?: Proxies | undefined;
  /** Denies addresses to requests, to redirects and to `proxy`; those of `proxies` are permitted. */
  guard?: AddressGuard | undefined;
}

/** How a request leaves. */
export interface Route {
  dispatcher: Dispatcher;
  /** host:port of the proxy; `undefined` for a direct connection. */
  proxy: string | undefined;
}

/** The connections of one client: kept alive, and separate for each proxy. */
export interface Routes extends AsyncDisposable {
  to: (url: URL) => Route;
}

export function createRoutes({ proxy, proxies, guard, ...tls }: HttpOptions): Routes {
  const dispatchers = new Map<string | undefined, Dispatcher>();
  return {
    to: (url) => {
      const via = proxy ?? proxies?.(url);
      const isChosen = via === undefined || via === proxy;
      if (guard)
        [url, ...(proxy === undefined ? [] : [new URL(proxy)])].forEach((each) => requirePermitted(guard, each));
      const dispatcher = dispatchers.getOrInsertComputed(via, () =>
        dispatcherFor(via, { ...tls, ...(isChosen && { guard }) }),
      );
      return { dispatcher, proxy: via === undefined ? undefined : new URL(via).host };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function dispatcherFor(
  proxy: string | undefined,
  { ca, cert, key, guard }: Pick<HttpOptions, "ca" | "cert" | "key" | "guard">,
): Dispatcher {
  const tls = { ...(ca && { ca: withSystemAuthorities(ca) }), ...(cert && { cert }), ...(key && { key }) };
  const limits = { connections: 8, keepAliveTimeout: 30_000 };
  const connect = { timeout: 10_000, ...tls };
  if (proxy === undefined) return new Agent({ ...limits, connect: guard ? guardedConnector(guard, connect) : connect });
  const { uri, token } = proxyOf(proxy);
  if (uri.startsWith("socks5:")) {
    const options = { ...limits, requestTls: tls, ...(guard && { connect: guardedConnector(guard, {}) }) };
    return new Socks5ProxyAgent(uri, options);
  }
  const lookup = guard && guardedLookup(guard.denied(portOf(new URL(uri))));
  // Many proxies permit tunnels to the port of HTTPS only.
  return createProxyAgent({
    ...limits,
    uri,
    ...(token && { token }),
    proxyTunnel: false,
    requestTls: tls,
    proxyTls: { ...tls, ...(lookup && { lookup }) },
  });
}

/** Its credentials are sent even if the user has no password. */
function proxyOf(proxy: string): { uri: string; token?: string } {
  const url = new URL(proxy.replace(/^socks5h:/, "socks5:"));
  if (url.protocol === "socks5:" || url.username === "") return { uri: url.href };
  const credentials = [url.username, url.password].map(decoded).join(":");
  url.username = "";
  url.password = "";
  return { uri: url.href, token: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded: a % that stands for itself.
    return text;
  }
}

function withSystemAuthorities(ca: string): string[] {
  return [...getCACertificates("default"), ca];
}
