import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { getCACertificates } from "node:tls";
import type { Finished } from "@leat/process";
import { faultOfProcess, faultOfStderr, problemOf } from "./git-fault.ts";
import { GitExit, type GitProgram } from "./git-program.ts";
import type { Advertisement } from "./list-refs.ts";
import type { Endpoint } from "./remote.ts";
import type { Found } from "./resolve.ts";

export type FetchAnswer =
  | { kind: "fetched"; directory: string }
  /** `what` is a sentence. */
  | { kind: "missing"; what: string };

/** One fetch: from where, into which directory, with what. */
export interface FetchPlan {
  git: GitProgram;
  endpoint: Endpoint;
  server: Advertisement;
  /** Where git connects to, in the form of `http.curloptResolve`; `undefined` where git resolves names itself. */
  resolved: string | undefined;
  /** The bare repository; made where there is none. */
  directory: string;
  signal: AbortSignal;
}

/** Packs that pile up before a repository is recreated: nothing is ever cleaned inside one. */
const maxPacks = 50;
const tip = "refs/leat/tip";

/** Where the repository of `key` that mirrors `endpoint` lies below `root`. */
export function repositoryPath(root: string, key: string, { url }: Endpoint): string {
  return join(root, key, createHash("sha256").update(url).digest("hex").slice(0, 16));
}

/**
 * Brings one commit, without its history, into a bare repository. What the repository has of an earlier commit is not sent
 * again; a repository that git cannot work with is recreated.
 *
 * @throws Fault `GitOperationFailed`, `AuthenticationFailed`
 */
export async function fetchCommit(plan: FetchPlan, found: Found, isRetry = false): Promise<FetchAnswer> {
  if ((await tipOf(plan.directory)) === found.commit) return { kind: "fetched", directory: plan.directory };
  let isNew = true;
  try {
    isNew = await openRepository(plan);
    return await fetchInto(plan, found);
  } catch (error) {
    const { endpoint, directory, signal } = plan;
    if (error instanceof FetchRejected) throw faultOfStderr(error.stderr, endpoint);
    // An ended git leaves locks behind, and the copy may be damaged: nothing is lost with it.
    await rm(directory, { recursive: true, force: true });
    if (!(error instanceof GitExit)) throw faultOfProcess(error, endpoint);
    if (isNew || isRetry || signal.aborted) throw faultOfStderr(error.stderr, endpoint);
  }
  return fetchCommit(plan, found, true);
}

/** The server said no, or could not be reached; the repository on disk is as good as before. */
class FetchRejected extends GitExit {}

function fetchInto(plan: FetchPlan, found: Found): Promise<FetchAnswer> {
  const { isPinned, refName } = found;
  return isPinned && refName !== undefined ? fetchFromHistory(plan, found, refName) : fetchById(plan, found);
}

async function fetchById(plan: FetchPlan, found: Found): Promise<FetchAnswer> {
  const { commit, refName, name, isPinned } = found;
  const first = await tryFetch(plan, ["--depth=1"], `+${commit}:${tip}`);
  if (first === "done") return { kind: "fetched", directory: plan.directory };
  // Old servers give only what a ref points to.
  const second =
    refName === undefined
      ? await tryFetch(plan, await deepening(plan), "+refs/*:refs/leat/all/*")
      : await tryFetch(plan, ["--depth=1"], `+${refName}:refs/leat/ref`);
  if (second === "done" && (await holds(plan, ["cat-file", "-e", `${commit}^{commit}`]))) return fetched(plan, commit);
  const gone = isPinned ? "does not exist in" : `of ${name} is no longer offered by`;
  return { kind: "missing", what: `commit ${commit} ${gone} ${plan.endpoint.url}` };
}

async function fetchFromHistory(plan: FetchPlan, { commit, name }: Found, refName: string): Promise<FetchAnswer> {
  const { url } = plan.endpoint;
  const outcome = await tryFetch(plan, await deepening(plan), `+${refName}:refs/leat/history`);
  if (outcome === "not offered") return { kind: "missing", what: `${name} does not exist in ${url}` };
  if (await holds(plan, ["merge-base", "--is-ancestor", commit, "refs/leat/history"])) return fetched(plan, commit);
  return { kind: "missing", what: `commit ${commit} is not in the history of ${name} of ${url}` };
}

async function fetched(plan: FetchPlan, commit: string): Promise<FetchAnswer> {
  await git(plan, ["update-ref", tip, commit]);
  return { kind: "fetched", directory: plan.directory };
}

/** A repository that was fetched without history stays so until it is told otherwise. */
async function deepening({ directory }: FetchPlan): Promise<string[]> {
  const names = await readdir(directory);
  return names.includes("shallow") ? ["--unshallow"] : [];
}

/** The commit that the repository has; `undefined` where there is no repository, or it is not known. */
async function tipOf(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(directory, tip), "utf8")).trim();
  } catch {
    // No repository, or none that can be read: it is fetched.
    return undefined;
  }
}

/** @returns whether the repository is a new one: there was none, or none that is still good */
async function openRepository(plan: FetchPlan): Promise<boolean> {
  const { directory, server } = plan;
  const parent = dirname(directory);
  const isUsable = await isGood(directory, server);
  const there = await readdir(parent).catch(() => []);
  // Those of other URLs, too: the object has only one.
  const old = there.map((name) => join(parent, name)).filter((path) => !isUsable || path !== directory);
  await Promise.all(old.map((path) => rm(path, { recursive: true, force: true })));
  if (isUsable) return false;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await git(plan, ["init", "--bare", "--quiet", "--template=", `--object-format=${server.objectFormat}`]);
  await writeFile(join(directory, "leat-object-format"), server.objectFormat);
  return true;
}

async function isGood(directory: string, { objectFormat }: Advertisement): Promise<boolean> {
  try {
    if ((await readFile(join(directory, "leat-object-format"), "utf8")) !== objectFormat) return false;
    const packs = await readdir(join(directory, "objects", "pack"));
    return packs.filter((name) => name.endsWith(".pack")).length <= maxPacks;
  } catch {
    // No repository, or one that a crash left half-made.
    return false;
  }
}

async function tryFetch(plan: FetchPlan, options: readonly string[], refspec: string): Promise<"done" | "not offered"> {
  await using authorities = await authoritiesFile(plan);
  const config = { ...transportConfig(plan), ...authorities.config };
  const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", ...options];
  const finished = await runGit(plan, [...args, "--", plan.server.base, refspec], config);
  if (finished.exitCode === 0) return "done";
  const problem = problemOf(finished.stderr);
  if (problem === "not offered") return problem;
  throw problem === "rejected" ? new FetchRejected("fetch", finished) : new GitExit("fetch", finished);
}

function transportConfig({ endpoint, server, resolved }: FetchPlan): Record<string, string> {
  const { proxy } = endpoint.transport;
  return {
    ...(server.authorization !== undefined && { "http.extraHeader": `Authorization: ${server.authorization}` }),
    ...(resolved !== undefined && { "http.curloptResolve": resolved }),
    ...(proxy !== undefined && { "http.proxy": proxy.replace(/^socks5:/, "socks5h:") }),
  };
}

interface AuthoritiesFile extends AsyncDisposable {
  config: Record<string, string>;
}

/** The PEM files of one fetch: git's CA file replaces the system's, so that those have to be in it. */
async function authoritiesFile({ endpoint, directory, server }: FetchPlan): Promise<AuthoritiesFile> {
  if (!server.base.startsWith("https:")) return { config: {}, [Symbol.asyncDispose]: async () => {} };
  const { ca, cert, key } = endpoint.transport;
  const folder = join(directory, "leat-tls");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const all = [...getCACertificates("default"), ...(ca === undefined ? [] : [ca])].join("\n");
  const config = {
    "http.sslCAInfo": await write("ca.pem", all),
    ...(cert !== undefined && { "http.sslCert": await write("cert.pem", cert) }),
    ...(key !== undefined && { "http.sslKey": await write("key.pem", key) }),
  };
  return { config, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function git(plan: FetchPlan, args: readonly string[]): Promise<void> {
  const finished = await runGit(plan, args);
  if (finished.exitCode !== 0) throw new GitExit(args[0] ?? "", finished);
}

/** Whether git answers a question with yes. */
async function holds(plan: FetchPlan, args: readonly string[]): Promise<boolean> {
  const { exitCode } = await runGit(plan, args);
  return exitCode === 0;
}

function runGit(plan: FetchPlan, args: readonly string[], config: Record<string, string> = {}): Promise<Finished> {
  const { git: program, directory, endpoint, signal } = plan;
  return program.run(directory, args, { config, timeoutMs: endpoint.timeoutMs, signal });
}
