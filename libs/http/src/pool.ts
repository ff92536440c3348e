import { createHash } from "node:crypto";
import { createHttp, type Http } from "./http.ts";
import type { Proxies } from "./proxies.ts";
import type { HttpOptions } from "./routes.ts";

/** TLS settings, and a proxy that wins over those of the pool. */
export type PooledOptions = Omit<HttpOptions, "proxies">;

/** Clients shared by all requests with the same TLS and proxy settings, so that connections are kept alive across objects. */
export interface HttpPool extends AsyncDisposable {
  /** The client for these settings, until the lease is disposed of. */
  lease: (options?: PooledOptions) => { http: Http } & Disposable;
  /** The proxy through which that client requests `url`: for programs that make requests of their own. */
  proxyFor: (url: string, options?: PooledOptions) => string | undefined;
}

export interface HttpPoolOptions {
  /** Chooses the proxy of requests that name none; no proxy if absent. */
  proxies?: Proxies;
  /** Clients above this number are closed when they are not used. */
  limit?: number;
}

interface Shared {
  http: Http;
  users: number;
}

export function createHttpPool({ proxies = () => undefined, limit = 64 }: HttpPoolOptions = {}): HttpPool {
  // In the order of use: the first was not used for longest.
  const clients = new Map<string, Shared>();
  const open = (key: string, options: PooledOptions): Shared => {
    const shared = clients.get(key) ?? { http: createHttp({ ...options, proxies }), users: 0 };
    clients.delete(key);
    clients.set(key, shared);
    return shared;
  };
  const dropUnused = () => {
    for (const [key, { http, users }] of clients) {
      if (clients.size <= limit) return;
      if (users > 0) continue;
      clients.delete(key);
      void http[Symbol.asyncDispose]();
    }
  };
  return {
    lease: (options = {}) => {
      const shared = open(keyOf(options), options);
      shared.users += 1;
      dropUnused();
      return { http: shared.http, [Symbol.dispose]: () => (shared.users -= 1) };
    },
    proxyFor: (url, { proxy } = {}) => proxy ?? proxies(new URL(url)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...clients.values()].map(({ http }) => http[Symbol.asyncDispose]()));
      clients.clear();
    },
  };
}

function keyOf({ ca, cert, key, proxy }: PooledOptions): string {
  return createHash("sha256")
    .update(JSON.stringify([ca, cert, key, proxy]))
    .digest("base64");
}
