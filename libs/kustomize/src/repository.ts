import { createHash, hash as digest } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { posix } from "node:path";
import type { Dirent } from "node:fs";
import { Refusal } from "./refusal.ts";

export type EntryKind = "file" | "directory" | "link" | "other" | "missing";

/**
 * An unpacked artifact, read-only. Paths are relative to its root, with `/`, without `.` and `..`; the root is "". What was
 * read once is remembered for good: an artifact never changes.
 */
export interface Repository {
  readonly root: string;
  /** A symbolic link is not followed, at no place of the path: artifacts carry none. */
  kindOf: (path: string) => Promise<EntryKind>;
  /** Names in a directory in lexical order. */
  list: (directory: string) => Promise<ReadonlyMap<string, EntryKind>>;
  /** @throws Refusal where the file is larger than `maxBytes` */
  read: (path: string, maxBytes: number) => Promise<Buffer>;
  /** A file written by hand, of at most 8 MiB: as `read`. */
  readText: (path: string) => Promise<string>;
  /** SHA-256 of a file's content, hexadecimal. */
  digestOf: (path: string) => Promise<string>;
}

/** Kustomization files and files of generators and transformers; they are written by hand. */
const maxTextBytes = 8 * 1024 * 1024;

export function createRepository(root: string): Repository {
  const listings = new Map<string, Promise<ReadonlyMap<string, EntryKind>>>();
  const digests = new Map<string, Promise<string>>();
  const list = (directory: string) =>
    listings.getOrInsertComputed(directory, () => listing(posix.join(root, directory)));

  const kindOf = async (path: string): Promise<EntryKind> => {
    if (path === "") return "directory";
    const parent = posix.dirname(path);
    const above = await kindOf(parent === "." ? "" : parent);
    if (above !== "directory") return above === "link" ? "link" : "missing";
    return (await list(parent === "." ? "" : parent)).get(posix.basename(path)) ?? "missing";
  };

  return {
    root,
    kindOf,
    list,
    read: (path, maxBytes) => readFile(root, path, maxBytes),
    readText: async (path) => (await readFile(root, path, maxTextBytes)).toString(),
    digestOf: (path) => digests.getOrInsertComputed(path, () => digestFile(posix.join(root, path))),
  };
}

/**
 * The path in the repository that `entry` means in `directory`; `undefined` where it leads out of the repository or is
 * absolute. Like kustomize, `..` is taken away before any directory is looked at.
 */
export function resolveEntry(directory: string, entry: string): string | undefined {
  if (entry.includes("\0") || posix.isAbsolute(entry)) return undefined;
  const path = posix.join(directory, entry).replace(/\/+$/, "");
  if (path === ".." || path.startsWith("../")) return undefined;
  return path === "." ? "" : path;
}

/** `spec.path` as a path in the repository: `..` at the root stays at the root. */
export function resolveSpecPath(path: string): string {
  return posix.join("/", path).replace(/^\/+|\/+$/g, "");
}

async function listing(directory: string): Promise<ReadonlyMap<string, EntryKind>> {
  const entries = await readdir(directory, { withFileTypes: true });
  entries.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
  return new Map(entries.map((entry) => [entry.name, kindOfEntry(entry)]));
}

function kindOfEntry(entry: Dirent): EntryKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isDirectory()) return "directory";
  return entry.isFile() ? "file" : "other";
}

async function readFile(root: string, path: string, maxBytes: number): Promise<Buffer> {
  await using file = await open(posix.join(root, path));
  const { size } = await file.stat();
  if (size > maxBytes) throw new Refusal(`${path} has ${size} bytes; at most ${maxBytes} are read of such a file`);
  return await file.readFile();
}

/** A file is read at once up to this size, and piece by piece beyond. */
const atOnceBytes = 1024 * 1024;

async function digestFile(path: string): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size <= atOnceBytes) return digest("sha256", await file.readFile());
  const hash = createHash("sha256");
  for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk);
  return hash.digest("hex");
}
