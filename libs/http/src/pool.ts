import { createHash } from "node:crypto";
import { type AddressGuard, permittedAddresses } from "./address-guard.ts";
import { createHttp, type Http, HttpError } from "./http.ts";
import type { Proxies } from "./proxies.ts";
import type { HttpOptions } from "./routes.ts";

/** TLS settings, and a proxy that wins over those of the pool. */
export type PooledOptions = Omit<HttpOptions, "proxies" | "guard">;

/** Clients shared by all requests with the same TLS and proxy settings, so that connections are kept alive across objects. */
export interface HttpPool extends AsyncDisposable {
  /** The client for these settings, until the lease is disposed of. */
  lease: (options?: PooledOptions) => { http: Http } & Disposable;
  /** The proxy through which that client requests `url`: for programs that make requests of their own. */
  proxyFor: (url: string, options?: PooledOptions) => string | undefined;
  /**
   * The addresses at which a program may reach the host of `url`; `undefined` if there is nothing to check: no guard, or a proxy
   * that resolves the name.
   *
   * @throws HttpError if none is permitted
   */
  addressesFor: (url: string, options?: PooledOptions) => Promise<string[] | undefined>;
}

export interface HttpPoolOptions {
  /** Chooses the proxy of requests that name none; no proxy if absent. */
  proxies?: Proxies;
  /** Denies addresses to all requests. */
  guard?: AddressGuard;
  /** Clients above this number are closed when they are not used. */
  limit?: number;
}

interface Shared {
  http: Http;
  users: number;
}

export function createHttpPool({ proxies = () => undefined, guard, limit = 64 }: HttpPoolOptions = {}): HttpPool {
  // In the order of use: the first was not used for longest.
  const clients = new Map<string, Shared>();
  const open = (key: string, options: PooledOptions): Shared => {
    const shared = clients.get(key) ?? { http: createHttp({ ...options, proxies, guard }), users: 0 };
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
    addressesFor: async (url, { proxy } = {}) => {
      const target = new URL(url);
      const reached = proxy === undefined ? target : new URL(proxy);
      if (guard === undefined || (proxy === undefined && proxies(target) !== undefined)) return undefined;
      return addressesOf(guard, reached);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...clients.values()].map(({ http }) => http[Symbol.asyncDispose]()));
      clients.clear();
    },
  };
}

async function addressesOf(guard: AddressGuard, url: URL): Promise<string[]> {
  try {
    return await permittedAddresses(guard, url);
  } catch (cause) {
    const { code = "FAILED", message } = cause as NodeJS.ErrnoException;
    throw new HttpError(code, `${url.origin}: ${message}`, { cause });
  }
}

function keyOf({ ca, cert, key, proxy }: PooledOptions): string {
  return createHash("sha256")
    .update(JSON.stringify([ca, cert, key, proxy]))
    .digest("base64");
}
