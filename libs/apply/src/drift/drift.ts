import type { KubeObject, ManagedFieldsEntry } from "@leat/api";
import { ApiError } from "@leat/kube";
import { hasField } from "../fields/field-set.ts";
import { type Path, pointerOf } from "../fields/ignore-rules.ts";
import { isOurApply } from "../fields/managed-fields.ts";

/** How an object differs from its declaration because of changes by others. Contains no values. */
export type Drift =
  | {
      kind: "changed";
      /** JSON pointers; the first ones only. */
      paths: string[];
      /** How many more there are. */
      more: number;
      authors: Author[];
    }
  | { kind: "deleted" }
  /** Other owners apply it too; one of them has it, unless `isKept`. */
  | { kind: "shared"; owners: string[]; isKept: boolean }
  /** The server would not take what is declared: why, in one word, and of which fields it complains. */
  | { kind: "rejected"; reason: string; fields: string[] };

/** Who has changed an object, by its managed fields. */
export interface Author {
  manager: string;
  /** Of the server, in whole seconds. */
  time: string | undefined;
  /** Has written last; nobody owns the fields that differ. */
  isGuess: boolean;
}

const mostPaths = 6;
const longestPath = 200;
const mostAuthors = 3;

/** @param live whole */
export function changedDrift(fieldManager: string, live: KubeObject, paths: readonly Path[]): Drift {
  return {
    kind: "changed",
    paths: paths.slice(0, mostPaths).map((path) => cut(pointerOf(path), longestPath)),
    more: Math.max(0, paths.length - mostPaths),
    authors: authorsOf(fieldManager, live, paths).slice(0, mostAuthors),
  };
}

/** The server's words are left out, since they may quote values. */
export function rejectedDrift(error: unknown): Drift {
  const { reason, causes } = error instanceof ApiError ? error : { reason: "", causes: [] };
  const fields = [...new Set(causes.map(({ field }) => cut(field, longestPath)))].filter(Boolean);
  return { kind: "rejected", reason, fields: fields.slice(0, mostPaths) };
}

/** The latest first. */
function authorsOf(fieldManager: string, live: KubeObject, paths: readonly Path[]): Author[] {
  const { managedFields = [] } = live.metadata;
  const ours = managedFields.find((entry) => isOurApply(fieldManager, entry));
  const others = managedFields.filter((entry) => entry !== ours && !isStatus(entry)).toSorted(laterFirst);
  const owning = others.filter(({ fieldsV1 }) => paths.some((path) => hasField(fieldsV1, path, live)));
  if (owning.length > 0) return owning.map((entry) => authorOf(entry, false));
  // Who removes a field owns nothing of it.
  const [last] = others;
  return last !== undefined && timeOf(last) >= timeOf(ours) ? [authorOf(last, true)] : [];
}

function isStatus({ subresource }: ManagedFieldsEntry): boolean {
  return subresource === "status";
}

function laterFirst(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return timeOf(a) > timeOf(b) ? -1 : Number(timeOf(a) < timeOf(b));
}

function timeOf(entry: ManagedFieldsEntry | undefined): string {
  return entry?.time ?? "";
}

function authorOf({ manager = "somebody", time }: ManagedFieldsEntry, isGuess: boolean): Author {
  return { manager, time, isGuess };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
