import { posix } from "node:path";
import { withoutTrailing } from "@leat/text";
import { Rejection } from "./rejection.ts";

/**
 * The files of an artifact, which never change. Paths are relative to its root, with `/`, without `.` and `..`. Symbolic links
 * are not among them: artifacts carry none.
 */
export interface SourceFiles {
  /** Regular files: size in bytes, SHA-256 in hexadecimal. */
  readonly files: ReadonlyMap<string, { size: number; digest: string }>;
  /** Directories, those that hold nothing among them; the root is not one. */
  readonly directories: ReadonlySet<string>;
  read: (path: string) => Promise<Buffer>;
}

export type EntryKind = "file" | "directory" | "missing";

/** An artifact as a kustomization sees it; the root is "". */
export interface Repository {
  kindOf: (path: string) => EntryKind;
  /** Names in a directory in lexical order. */
  list: (directory: string) => ReadonlyMap<string, EntryKind>;
  /** @throws Rejection where the file is larger than `maxBytes` */
  read: (path: string, maxBytes: number) => Promise<Buffer>;
  /** A file written by hand, of at most 8 MiB: as `read`. */
  readText: (path: string) => Promise<string>;
  /** SHA-256 of a file's content, hexadecimal. */
  digestOf: (path: string) => string;
}

/** Kustomization files and files of generators and transformers; they are written by hand. */
const maxTextBytes = 8 * 1024 * 1024;

export function createRepository({ files, directories, read: readFile }: SourceFiles): Repository {
  const children = childrenOf(files.keys(), directories);
  const listings = new Map<string, ReadonlyMap<string, EntryKind>>();
  const kindOf = (path: string): EntryKind => {
    if (files.has(path)) return "file";
    return path === "" || directories.has(path) ? "directory" : "missing";
  };
  const fileAt = (path: string) => {
    const file = files.get(path);
    if (!file) throw new Error(`${path} is not a file of the artifact`);
    return file;
  };
  const read = async (path: string, maxBytes: number): Promise<Buffer> => {
    const { size } = fileAt(path);
    if (size > maxBytes) throw new Rejection(`${path} has ${size} bytes; the limit is ${maxBytes}`);
    return readFile(path);
  };
  const list = (directory: string) => {
    const names = inByteOrder(children.get(directory) ?? []);
    return new Map(names.map((name) => [name, kindOf(posix.join(directory, name))]));
  };
  return {
    kindOf,
    list: (directory) => listings.getOrInsertComputed(directory, list),
    read,
    readText: async (path) => (await read(path, maxTextBytes)).toString(),
    digestOf: (path) => fileAt(path).digest,
  };
}

/**
 * The path in the repository that `entry` means in `directory`; `undefined` where it leads out of the repository or is
 * absolute. Like kustomize, `..` is taken away before any directory is looked at.
 */
export function resolveEntry(directory: string, entry: string): string | undefined {
  if (entry.includes("\0") || posix.isAbsolute(entry)) return undefined;
  const path = withoutTrailing(posix.join(directory, entry), "/");
  if (path === ".." || path.startsWith("../")) return undefined;
  return path === "." ? "" : path;
}

/** `spec.path` as a path in the repository: `..` at the root stays at the root. */
export function resolveSpecPath(path: string): string {
  return withoutTrailing(posix.join("/", path), "/").slice(1);
}

function childrenOf(files: Iterable<string>, directories: Iterable<string>): ReadonlyMap<string, string[]> {
  const children = new Map<string, string[]>();
  for (const paths of [files, directories]) {
    for (const path of paths) {
      const end = path.lastIndexOf("/");
      children.getOrInsertComputed(end === -1 ? "" : path.slice(0, end), () => []).push(path.slice(end + 1));
    }
  }
  return children;
}

/** Code units have the order of UTF-8 bytes, but for those of characters beyond 16 bits. */
function inByteOrder(names: readonly string[]): string[] {
  return names.some((name) => /[\ud800-\udfff]/.test(name)) ? names.toSorted(byBytes) : names.toSorted();
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
