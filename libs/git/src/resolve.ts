import { LimitExceeded } from "@leat/api";
import { compareVersions, parseRange, parseVersion, type Version, type VersionRange } from "@leat/semver";
import type { RemoteRef } from "./list-refs.ts";

/** What to use of a repository. The first of these that is given wins: commit, name, semver, tag, branch. */
export interface GitRef {
  branch?: string | undefined;
  tag?: string | undefined;
  /** Range of versions, see {@link parseRange}. */
  semver?: string | undefined;
  /** In full, such as `refs/pull/42/head`. */
  name?: string | undefined;
  commit?: string | undefined;
}

export interface Found {
  kind: "found";
  /** What leads to the commit, as revisions say it: a branch, a tag or a full ref; empty for a bare commit. */
  name: string;
  commit: string;
  /** The ref to fetch, in full; absent for a bare commit. */
  refName?: string;
  /** The annotated tag that points to the commit. */
  tagObject?: string;
  /** The commit is named by the user and has to be in the history of `refName`, wherever that is now. */
  isPinned: boolean;
}

export type Resolution =
  | Found
  /** `what` is a sentence that names the ref and, where there are some, others like it. */
  | { kind: "missing"; what: string }
  /** The ref itself makes no sense. */
  | { kind: "invalid"; why: string }
  /** The repository has no commit at all. */
  | { kind: "empty" };

/** What resolving has to ask the server. */
export interface Inquiry {
  list: (prefix: string) => Promise<RemoteRef[]>;
  /** When each commit was made, in seconds since 1970. Asked only where versions differ by build metadata alone. */
  commitTimes: (commits: readonly string[]) => Promise<Map<string, number>>;
}

const defaultBranch = "master";

/** Characters of a branch, a tag, a name or a commit. */
const maxRefLength = 1024;

/** @throws LimitExceeded */
export async function resolveRef(ref: GitRef, inquiry: Inquiry): Promise<Resolution> {
  for (const [field, value] of Object.entries(ref) as Array<[string, string | undefined]>)
    if (value !== undefined && value.length > maxRefLength)
      throw new LimitExceeded(`spec.ref.${field} of ${value.length} characters`, `${maxRefLength} characters`);
  const { commit, name, semver, tag, branch = "" } = ref;
  if (commit) return pinned(commit, historyOf(ref));
  if (name) return resolveName(name.replace(/\^\{\}$/, ""), inquiry);
  if (semver) return resolveRange(semver, inquiry);
  if (tag) return exactly({ refName: `refs/tags/${tag}`, name: tag, words: `tag ${tag}` }, inquiry);
  const wanted = branch || defaultBranch;
  const words = branch ? `branch ${branch}` : `branch ${defaultBranch} (the default without spec.ref)`;
  return exactly({ refName: `refs/heads/${wanted}`, name: wanted, words }, inquiry);
}

/** Where a commit is looked for, and what its revision says of that. */
function historyOf({ name, branch }: GitRef): { name: string; refName?: string } {
  if (name) return { name, refName: name };
  return branch ? { name: branch, refName: `refs/heads/${branch}` } : { name: "" };
}

function pinned(commit: string, history: { name: string; refName?: string }): Resolution {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    return {
      kind: "invalid",
      why: `spec.ref.commit ${JSON.stringify(commit)} is not a full commit hash of 40 or 64 hexadecimal digits`,
    };
  }
  return { kind: "found", commit, isPinned: true, ...history };
}

function resolveName(name: string, inquiry: Inquiry): Resolution | Promise<Resolution> {
  if (!name.startsWith("refs/") && name !== "HEAD") {
    return { kind: "invalid", why: `spec.ref.name ${JSON.stringify(name)} is not a full ref such as refs/heads/main` };
  }
  return exactly({ refName: name, name, words: `ref ${name}` }, inquiry);
}

interface Wanted {
  refName: string;
  name: string;
  words: string;
}

async function exactly({ refName, name, words }: Wanted, { list }: Inquiry): Promise<Resolution> {
  const found = (await list(refName)).find((ref) => ref.name === refName);
  if (found) return foundBy(found, name);
  const all = await list("");
  if (all.length === 0) return { kind: "empty" };
  return { kind: "missing", what: `${words} does not exist${alternatives(refName, all)}` };
}

function foundBy({ name: refName, target, commit }: RemoteRef, name: string): Found {
  const annotated = target === commit ? {} : { tagObject: target };
  return { kind: "found", name, commit, refName, isPinned: false, ...annotated };
}

interface Candidate {
  tag: string;
  version: Version;
  ref: RemoteRef;
}

async function resolveRange(text: string, inquiry: Inquiry): Promise<Resolution> {
  const range = parseRange(text);
  if (!range)
    return {
      kind: "invalid",
      why: `spec.ref.semver ${JSON.stringify(text)} is not a valid semver range such as >=1.2.0 <2.0.0 or 1.x`,
    };
  const tags = await inquiry.list("refs/tags/");
  const best = highest(candidates(tags, range));
  const newest = best.length > 1 ? await newestOf(best, inquiry) : best[0];
  if (newest) return foundBy(newest.ref, newest.tag);
  if (tags.length === 0 && (await inquiry.list("")).length === 0) return { kind: "empty" };
  const versions = tags.filter(({ name }) => parseVersion(shortName(name))).length;
  return {
    kind: "missing",
    what: `no tag matches the range ${text}; of ${tags.length} tags, ${versions} are versions`,
  };
}

function candidates(tags: readonly RemoteRef[], range: VersionRange): Candidate[] {
  return tags.flatMap((ref) => {
    const tag = shortName(ref.name);
    const version = parseVersion(tag);
    return version && range.includes(version) ? [{ tag, version, ref }] : [];
  });
}

/** All that no other precedes: more than one where only build metadata, or a leading `v`, tells them apart. */
function highest(all: readonly Candidate[]): Candidate[] {
  let best: Candidate[] = [];
  for (const candidate of all) {
    const order = best[0] ? compareVersions(candidate.version, best[0].version) : 1;
    if (order > 0) best = [candidate];
    else if (order === 0) best.push(candidate);
  }
  return best;
}

/** Commits that are fetched to compare their times. */
const maxCompared = 100;

async function newestOf(best: readonly Candidate[], { commitTimes }: Inquiry): Promise<Candidate | undefined> {
  const commits = [...new Set(best.map(({ ref }) => ref.commit))];
  if (commits.length > maxCompared)
    throw new LimitExceeded(`${commits.length} tags of one version`, `${maxCompared} tags`);
  const times = commits.length > 1 ? await commitTimes(commits) : new Map<string, number>();
  const timeOf = ({ ref }: Candidate) => times.get(ref.commit) ?? 0;
  return best.toSorted((a, b) => timeOf(a) - timeOf(b) || (a.tag < b.tag ? -1 : 1)).at(-1);
}

const shownAlternatives = 3;
/** More are not looked at: comparing names costs time. */
const consideredAlternatives = 1000;

/** Names what the user may have meant. */
function alternatives(refName: string, all: readonly RemoteRef[]): string {
  const kind = /^refs\/[^/]+\//.exec(refName)?.[0] ?? "refs/";
  const head = all.find(({ name }) => name === "HEAD")?.symbolic;
  const nearest = all
    .filter(({ name }) => name.startsWith(kind))
    .slice(0, consideredAlternatives)
    .map(({ name }) => ({ name: name.slice(kind.length), distance: name === head ? -1 : distance(name, refName) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, shownAlternatives)
    .map(({ name, distance: far }) => (far === -1 ? `${name} (the default)` : name));
  if (nearest.length === 0) return "";
  return `; there ${nearest.length === 1 ? "is" : "are"} ${nearest.join(", ")}`;
}

/** Edits that make one text of the other (Levenshtein), of the first 100 characters. */
function distance(left: string, right: string): number {
  const [a, b] = [left.slice(0, 100), right.slice(0, 100)];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split("").entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split("").entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + Number(letter !== other)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function shortName(refName: string): string {
  return refName.replace(/^refs\/tags\//, "");
}
