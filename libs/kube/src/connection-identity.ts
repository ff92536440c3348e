import { Fault } from "@leat/api";
import { withoutTrailing } from "@leat/text";

/** What TLS needs to trust the server and to be trusted by it; PEM. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** Where the API server is, and what proves who we are, at this moment. */
export interface ConnectionIdentity {
  /** URL, its path included where the server is behind one. */
  server: string;
  tls: TlsMaterial;
  proxyUrl?: string;
  /** Sent with each request: authorization, and impersonation where a kubeconfig asks for it. */
  headers: Record<string, string>;
}

/** Credentials that may change while we run. */
export interface IdentitySource {
  /** Not older than the source's limit. */
  current: () => Promise<ConnectionIdentity>;
  /** Reads again at the next `current`: the server has rejected the credentials. */
  outdated: (rejected: ConnectionIdentity) => void;
}

export type ReadIdentity = (why: "first" | "aged" | "rejected") => Promise<ConnectionIdentity>;

/**
 * Keeps what `read` gives for `maxAgeMs`; concurrent callers share one reading. Where a later reading fails, the former
 * identity is used on: a token or certificate may be half-way through its replacement.
 */
export function createIdentitySource(read: ReadIdentity, maxAgeMs: number): IdentitySource {
  let known: { identity: ConnectionIdentity; readAt: number } | undefined;
  let reading: Promise<ConnectionIdentity> | undefined;
  let why: Parameters<ReadIdentity>[0] = "first";

  const readOnce = async () => {
    try {
      const identity = await read(why);
      known = { identity, readAt: performance.now() };
      why = "aged";
      return identity;
    } catch (error) {
      if (known === undefined) throw error;
      known = { identity: known.identity, readAt: performance.now() };
      why = "aged";
      return known.identity;
    } finally {
      reading = undefined;
    }
  };
  return {
    current: async () => {
      if (known !== undefined && why !== "rejected" && performance.now() - known.readAt < maxAgeMs)
        return known.identity;
      reading ??= readOnce();
      return reading;
    },
    outdated: (rejected) => {
      if (known?.identity === rejected) why = "rejected";
    },
  };
}

/**
 * @throws Fault `KubeconfigInvalid` where it is not a URL of http or https
 */
export function checkServer(server: string, from: string): string {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Fault(
      "KubeconfigInvalid",
      `${from} has the invalid server ${JSON.stringify(server)}: expected an http or https URL`,
    );
  }
  return withoutTrailing(server, "/");
}
