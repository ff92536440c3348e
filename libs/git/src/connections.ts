import { createHash } from "node:crypto";
import { createHttp, type Http, type HttpOptions } from "@leat/http";

export interface Connections extends AsyncDisposable {
  /** The client for these settings of TLS and proxy; held until the lease is disposed of. */
  lease: (options: HttpOptions) => { http: Http } & Disposable;
}

interface Shared {
  http: Http;
  users: number;
}

/**
 * Clients shared by all who speak with the same TLS and proxy settings: connections are kept alive across objects.
 *
 * @param limit clients that are kept while nobody uses them
 */
export function createConnections(limit = 64): Connections {
  // In the order of use: the first is the one that was not used for longest.
  const clients = new Map<string, Shared>();
  const open = (key: string, options: HttpOptions): Shared => {
    const shared = clients.get(key) ?? { http: createHttp(options), users: 0 };
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
    lease: (options) => {
      const shared = open(keyOf(options), options);
      shared.users += 1;
      dropUnused();
      return { http: shared.http, [Symbol.dispose]: () => (shared.users -= 1) };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...clients.values()].map(({ http }) => http[Symbol.asyncDispose]()));
      clients.clear();
    },
  };
}

function keyOf({ ca, cert, key, proxy }: HttpOptions): string {
  return createHash("sha256")
    .update(JSON.stringify([ca, cert, key, proxy]))
    .digest("base64");
}
