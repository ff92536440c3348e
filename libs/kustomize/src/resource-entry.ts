import { posix } from "node:path";
import type { Place } from "./fields.ts";
import type { Reference } from "./references.ts";
import { Rejection } from "./rejection.ts";
import { placeOfEntry, withoutCredentials } from "./remote.ts";
import { type EntryKind, type Repository, resolveEntry } from "./repository.ts";

/**
 * Whether kustomize fetches what the entry names from elsewhere.
 *
 * @throws Rejection for what is fetched from nowhere
 */
export function isRemote(repository: Repository, directory: string, { kind, entry, place }: Reference): boolean {
  const where = placeOfEntry(entry);
  if (where === "file") {
    throw new Rejection(`${place.file}: ${place.field} is a file: URL; use a path relative to the kustomization`);
  }
  if (where !== "git") return where === "http";
  if (kind !== "resource") return kind === "component";
  // A file that is there is read even where its name looks like a repository's.
  const path = resolveEntry(directory, entry);
  return path === undefined || repository.kindOf(path) !== "file";
}

/** What an entry names: its path in the repository, and what is there. */
export interface Named {
  path: string;
  found: EntryKind;
}

/** @throws Rejection where it leads out of the repository */
export function lookUp(repository: Repository, directory: string, entry: string, { file, field }: Place): Named {
  const path = resolveEntry(directory, entry);
  if (path !== undefined) return { path, found: repository.kindOf(path) };
  const what = posix.isAbsolute(entry) ? "is an absolute path" : "leads outside the repository";
  throw new Rejection(`${file}: ${field} refers to ${entry}, which ${what}; use a relative path within the repository`);
}

/** The rejection of an entry that names what the field cannot use. */
export function unusable(found: EntryKind, { kind, entry, place }: Reference): Rejection {
  return new Rejection(`${place.file}: ${place.field} refers to ${entry}, ${whyNot(found, kind)}`);
}

export function rejectRemote(entry: string, place: Place, why: string): Rejection {
  return new Rejection(`${place.file}: ${place.field} refers to ${withoutCredentials(entry)}${why}`);
}

function whyNot(found: EntryKind, kind: Reference["kind"]): string {
  if (found === "directory") return "which is a directory; expected a file";
  if (found === "file" && kind === "component") return "which is a file; expected the directory of the component";
  return "which does not exist in the repository (symbolic links are excluded); correct the path or add it";
}
