import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault, LimitExceeded } from "@leat/api";
import { type HttpPool, portOf } from "@leat/http";
import { type FetchAnswer, fetchCommit, type FetchPlan, repositoryPath } from "./bare-repository.ts";
import { commitTimes } from "./commit-times.ts";
import { faultOfExchange } from "./git-fault.ts";
import { gitProgram } from "./git-program.ts";
import { createRefLister, type RemoteRef } from "./list-refs.ts";
import { afterRedirect, type Endpoint, endpointOf, type GitRemote, withProxy } from "./remote.ts";
import { type Found, type GitRef, type Resolution, resolveRef } from "./resolve.ts";
import { listTree, readCommit, readObjects, type TreeEntry } from "./tree.ts";

/** A commit that lies on disk. */
export interface Commit {
  id: string;
  /** First line of its message. */
  subject: string;
  /** Everything in it but directories. */
  tree: readonly TreeEntry[];
  /**
   * The contents of some of its files, in the given order; each is to be read to its end before the next.
   *
   * @throws Fault `GitOperationFailed` where the copy on disk is damaged; it is fetched again the next time
   */
  read: (
    entries: ReadonlyArray<Pick<TreeEntry, "id" | "path">>,
    signal: AbortSignal,
  ) => AsyncIterable<AsyncIterable<Buffer>>;
}

export type Fetched = { kind: "fetched"; commit: Commit } | { kind: "missing"; what: string };

/**
 * Repositories on servers, over HTTP(S). Every method throws `Fault` with reason `GitOperationFailed` where the server
 * cannot be reached or answers nonsense, `AuthenticationFailed` where it wants other credentials, `URLInvalid`, and
 * `LimitExceeded` where a URL, a ref, a list of refs, a commit or a tree is too large.
 */
export interface Git {
  /** Refs whose full name starts with `prefix`. */
  listRefs: (remote: GitRemote, prefix: string, signal: AbortSignal) => Promise<RemoteRef[]>;
  /** What `ref` names now: one request where the server is known already, and no process. */
  resolve: (remote: GitRemote, ref: GitRef, signal: AbortSignal) => Promise<Resolution>;
  /** Brings a commit to disk. @param key names the copy, which is kept: one run at a time may use it */
  fetch: (remote: GitRemote, found: Found, key: string, signal: AbortSignal) => Promise<Fetched>;
  /** Removes the copy. */
  forget: (key: string) => Promise<void>;
}

export interface GitOptions {
  /** The program; `git` of the usual places where it is absent. */
  gitBinary?: string;
  /** Belongs to this instance alone: what an earlier one left in it is removed. */
  cacheDirectory: string;
  /** Chooses the proxy of the program, too. */
  connections: HttpPool;
}

export async function createGit({ gitBinary = "git", cacheDirectory, connections }: GitOptions): Promise<Git> {
  await rm(cacheDirectory, { recursive: true, force: true });
  const refs = createRefLister(connections);
  const git = gitProgram(gitBinary);
  const planFor = async (endpoint: Endpoint, key: string, signal: AbortSignal): Promise<FetchPlan> => {
    const server = await refs.advertisement(endpoint, signal);
    const there = afterRedirect(endpoint, server.base);
    const directory = repositoryPath(cacheDirectory, safeKey(key), endpoint);
    const proxy = connections.proxyFor(server.base, endpoint.transport);
    const resolved = await resolvedIn(connections, server.base, there);
    return { git, endpoint: withProxy(there, proxy), server, resolved, directory, signal };
  };
  return {
    listRefs: (remote, prefix, signal) => refs.list(endpointOf(remote), prefix, signal),
    resolve: async (remote, ref, signal) => {
      const endpoint = endpointOf(remote);
      return resolveRef(ref, {
        list: (prefix) => refs.list(endpoint, prefix, signal),
        commitTimes: async (commits) =>
          commitTimes(await planFor(endpoint, `times-${crypto.randomUUID()}`, signal), commits),
      });
    },
    fetch: async (remote, found, key, signal) => {
      const plan = await planFor(endpointOf(remote), key, signal);
      return openCommit(plan, found, await fetchCommit(plan, found));
    },
    forget: (key) => rm(join(cacheDirectory, safeKey(key)), { recursive: true, force: true }),
  };
}

/** The addresses that were checked, so that git does not get others for the same name. */
async function resolvedIn(connections: HttpPool, base: string, endpoint: Endpoint): Promise<string | undefined> {
  try {
    const addresses = await connections.addressesFor(base, endpoint.transport);
    const { hostname, port, protocol } = new URL(endpoint.transport.proxy ?? base);
    if (addresses === undefined || addresses.length === 0) return undefined;
    return `${hostname}:${portOf({ port, protocol })}:${addresses.map(inBrackets).join(",")}`;
  } catch (error) {
    throw faultOfExchange(error, endpoint);
  }
}

function inBrackets(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

async function openCommit(plan: FetchPlan, found: Found, answer: FetchAnswer, isRetry = false): Promise<Fetched> {
  if (answer.kind === "missing") return answer;
  try {
    return { kind: "fetched", commit: await commitAt(plan, found.commit) };
  } catch (error) {
    if (error instanceof LimitExceeded) throw error;
    await rm(plan.directory, { recursive: true, force: true });
    if (isRetry || plan.signal.aborted) throw damaged(plan, error);
  }
  return openCommit(plan, found, await fetchCommit(plan, found), true);
}

async function commitAt(plan: FetchPlan, id: string): Promise<Commit> {
  const place = placeOf(plan, plan.signal);
  const [{ subject }, tree] = await Promise.all([readCommit(place, id), listTree(place, id)]);
  return {
    id,
    subject,
    tree,
    read: async function* read(entries, signal) {
      try {
        yield* readObjects(placeOf(plan, signal), entries);
      } catch (error) {
        await rm(plan.directory, { recursive: true, force: true });
        throw damaged(plan, error);
      }
    },
  };
}

function placeOf({ git, directory, endpoint }: FetchPlan, signal: AbortSignal) {
  return { git, directory, options: { timeoutMs: endpoint.timeoutMs, signal } };
}

function damaged({ endpoint, signal }: FetchPlan, cause: unknown): unknown {
  if (signal.aborted) return cause;
  return new Fault("GitOperationFailed", `the local copy of ${endpoint.url} cannot be read; fetching it again`, {
    cause,
  });
}

function safeKey(key: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(key))
    throw new Error(`${JSON.stringify(key)} is not a valid directory name`);
  return key;
}
