import { createHash } from "node:crypto";
import { Fault, LimitExceeded } from "@leat/api";
import type { Http, HttpAnswer, HttpPool } from "@leat/http";
import { turns } from "@leat/text";
import { type HttpClient, listServerRefs, type ServerRef } from "isomorphic-git";
import { faultOfExchange, faultOfStatus, plain } from "./git-fault.ts";
import { afterRedirect, type Endpoint, shownUrl } from "./remote.ts";

export interface RemoteRef {
  /** In full, such as `refs/heads/main`. */
  name: string;
  /** What it points to, as 40 or 64 hexadecimal digits; a tag object where the tag is an annotated one. */
  target: string;
  /** The commit: `target`, or what an annotated tag points to. */
  commit: string;
  /** For `HEAD`: the ref it stands for. */
  symbolic: string | undefined;
}

/** What a server said of itself, and where it wants to be asked. */
export interface Advertisement {
  /** URL of the repository after redirects. */
  base: string;
  /** Value of the `Authorization` header there: `undefined` where another host answers than was asked. */
  authorization: string | undefined;
  objectFormat: "sha1" | "sha256";
  contentType: string;
  bytes: Buffer;
}

export interface RefLister {
  /** Refs whose full name starts with `prefix`, in one exchange where the server has been asked before. */
  list: (endpoint: Endpoint, prefix: string, signal: AbortSignal) => Promise<RemoteRef[]>;
  advertisement: (endpoint: Endpoint, signal: AbortSignal) => Promise<Advertisement>;
}

const maxRefBytes = 32 * 1024 * 1024;
/** In one answer; each ref is a packet. */
const maxPackets = 200_000;
const maxRedirects = 5;
const rememberedServers = 4096;
/** Of what is remembered of a server. Git's own lists its capabilities in some 200 bytes. */
const rememberedBytes = 16 * 1024;

/**
 * Lists refs by protocol version 2 without a process. The advertisement of a server, which hardly ever changes, is kept,
 * so that a poll is one request and its answer.
 */
export function createRefLister(connections: HttpPool): RefLister {
  const known = new Map<string, Advertisement>();
  const advertisement = async (endpoint: Endpoint, signal: AbortSignal): Promise<Advertisement> => {
    const key = keyOf(endpoint);
    const found = known.get(key) ?? (await askServer(connections, endpoint, signal));
    known.delete(key);
    if (speaksVersion2(found) && found.bytes.length <= rememberedBytes) known.set(key, found);
    const oldest = known.keys().next();
    if (known.size > rememberedServers && !oldest.done) known.delete(oldest.value);
    return found;
  };
  const list: RefLister["list"] = async (endpoint, prefix, signal) => {
    const isRemembered = known.has(keyOf(endpoint));
    try {
      const server = await advertisement(endpoint, signal);
      const there = afterRedirect(endpoint, server.base);
      return await listBy(connections, { endpoint: there, server }, prefix, signal);
    } catch (error) {
      known.delete(keyOf(endpoint));
      // The server may have moved, or speak otherwise since it was asked.
      if (!isRemembered || signal.aborted) throw error;
    }
    return list(endpoint, prefix, signal);
  };
  return { list, advertisement };
}

async function askServer(connections: HttpPool, endpoint: Endpoint, signal: AbortSignal): Promise<Advertisement> {
  using lease = connections.lease(endpoint.transport);
  const path = "/info/refs?service=git-upload-pack";
  const headers = { ...credentials(endpoint.authorization), "git-protocol": "version=2", ...agent };
  const answer = await exchange(lease.http, endpoint, { url: endpoint.url + path, headers, signal });
  const there = afterRedirect(endpoint, answer.url);
  const bytes = await readAll(answer, there);
  if (answer.status !== 200) throw faultOfStatus(answer.status, there);
  const contentType = String(answer.headers["content-type"] ?? "");
  if (contentType !== "application/x-git-upload-pack-advertisement") {
    throw new Fault(
      "GitOperationFailed",
      `${shownUrl(there)} is not a Git repository: unexpected content type ${plain(contentType, there) || "(none)"}`,
    );
  }
  requirePackets(bytes, there);
  const base = answer.url.endsWith(path) ? answer.url.slice(0, -path.length) : endpoint.url;
  const authorization = afterRedirect(endpoint, base).redirectedTo === undefined ? endpoint.authorization : undefined;
  const objectFormat = bytes.includes("object-format=sha256") ? "sha256" : "sha1";
  return { base, authorization, objectFormat, contentType, bytes };
}

/** Every answer is a sequence of packets that ends with an empty one (gitprotocol-common): what is not is no answer of git's. */
function requirePackets(bytes: Buffer, endpoint: Endpoint): void {
  let at = 0;
  let last = -1;
  let packets = 0;
  while (at < bytes.length) {
    packets += 1;
    if (packets > maxPackets) throw new LimitExceeded(`the refs of ${shownUrl(endpoint)}`, `${maxPackets} refs`);
    const digits = bytes.toString("latin1", at, at + 4);
    last = /^[0-9a-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    // 0000, 0001 and 0002 are marks without content.
    if (last < 0 || last === 3) break;
    at += Math.max(last, 4);
  }
  if (at === bytes.length && last === 0) return;
  throw new Fault("GitOperationFailed", `unexpected response from ${shownUrl(endpoint)}: not a Git smart-HTTP server`);
}

interface Asked {
  endpoint: Endpoint;
  server: Advertisement;
}

async function listBy(connections: HttpPool, asked: Asked, prefix: string, signal: AbortSignal): Promise<RemoteRef[]> {
  // isomorphic-git takes an old server's empty list for a new server's greeting.
  if (!speaksVersion2(asked.server) && !asked.server.bytes.includes(" refs/")) return [];
  using lease = connections.lease(asked.endpoint.transport);
  const http = httpOf(lease.http, asked, signal);
  try {
    const refs = await listServerRefs({
      http,
      url: asked.server.base,
      prefix,
      symrefs: true,
      peelTags: true,
      protocolVersion: 2,
    });
    return refs.map((ref) => remoteRef(ref, asked.endpoint));
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(
      "GitOperationFailed",
      plain(`unexpected response from ${shownUrl(asked.endpoint)}: ${why}`, asked.endpoint),
      { cause },
    );
  }
}

/** The transport that isomorphic-git is given: the kept advertisement for its first question, our client for the second. */
function httpOf(http: Http, { endpoint, server }: Asked, signal: AbortSignal): HttpClient {
  return {
    request: async ({ url, method = "GET", headers = {}, body }) => {
      if (method === "GET") {
        return {
          url,
          method,
          statusCode: 200,
          statusMessage: "",
          headers: { "content-type": server.contentType },
          body: streamOf(server.bytes, signal),
        };
      }
      const question = inObjectFormat(Buffer.concat(await Array.fromAsync(body ?? [])), server.objectFormat);
      const sent = { ...headers, ...credentials(server.authorization), ...agent };
      const answer = await exchange(http, endpoint, { url, headers: sent, body: question, signal });
      const bytes = await readAll(answer, endpoint);
      if (answer.status !== 200) throw faultOfStatus(answer.status, endpoint);
      requirePackets(bytes, endpoint);
      return { url, method, statusCode: 200, statusMessage: "", headers: {}, body: streamOf(bytes, signal) };
    },
  };
}

interface Question {
  url: string;
  headers: Record<string, string>;
  body?: Buffer;
  signal: AbortSignal;
}

async function exchange(http: Http, endpoint: Endpoint, { url, headers, body, signal }: Question): Promise<HttpAnswer> {
  const how = body ? { method: "POST" as const, body } : { method: "GET" as const, maxRedirects };
  try {
    return await http.request(url, { ...how, headers, signal, timeoutMs: endpoint.timeoutMs, maxBytes: maxRefBytes });
  } catch (error) {
    signal.throwIfAborted();
    throw faultOfExchange(error, endpoint);
  }
}

async function readAll(answer: HttpAnswer, endpoint: Endpoint): Promise<Buffer> {
  try {
    return await answer.bytes();
  } catch (error) {
    throw faultOfExchange(error, endpoint);
  }
}

/** Servers of SHA-256 repositories reject who does not name that format: a packet of its own, after that of the command. */
function inObjectFormat(question: Buffer, objectFormat: Advertisement["objectFormat"]): Buffer {
  if (objectFormat === "sha1") return question;
  const commandLength = Number.parseInt(question.subarray(0, 4).toString(), 16);
  const line = "object-format=sha256\n";
  const packet = Buffer.from(`${(line.length + 4).toString(16).padStart(4, "0")}${line}`);
  return Buffer.concat([question.subarray(0, commandLength), packet, question.subarray(commandLength)]);
}

function remoteRef({ ref, oid, target, peeled }: ServerRef, endpoint: Endpoint): RemoteRef {
  const commit = peeled ?? oid;
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
    throw new Fault("GitOperationFailed", plain(`unexpected response from ${endpoint.url}: ${oid} ${ref}`, endpoint));
  }
  return { name: ref, target: oid, commit, symbolic: target };
}

const agent = { "user-agent": "git/leat" };

function credentials(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

/** In pieces, and in turns: what reads them does not yield to the event loop by itself. */
async function* streamOf(bytes: Buffer, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const turn = turns(signal);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
    await turn();
  }
}

const pieceBytes = 64 * 1024;

function speaksVersion2({ bytes }: Advertisement): boolean {
  return bytes.subarray(0, 256).includes("version 2");
}

function keyOf({ url, authorization, transport }: Endpoint): string {
  return createHash("sha256")
    .update(JSON.stringify([url, authorization, transport.ca, transport.cert, transport.proxy]))
    .digest("base64");
}
