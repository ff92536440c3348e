import type { KubeObject, Kustomization } from "@leat/api";
import { type ObjectName, type ObjectPreview, subjectOf, type Verdict } from "@leat/apply";
import { stringifyManifest } from "@leat/yaml";
import { type FieldChange, fieldChanges } from "./field-changes.ts";
import type { Mask } from "./mask.ts";

/** Every way in which an object may stand to what would be applied, the gravest first. */
export const actions = [
  "rejected",
  "deleted",
  "recreated",
  "changed",
  "created",
  "drifted",
  "encrypted",
  "kept",
  "skipped",
  "unchanged",
] as const;
export type Action = (typeof actions)[number];

/** What is told of one object; free of secrets. */
export interface Change {
  action: Action;
  /** `Kind/namespace/name` */
  subject: string;
  apiVersion: string;
  file?: string;
  /** What a reader has to know beside it. */
  note?: string;
  fields?: FieldChange[];
  /** YAML of what is created. */
  manifest?: string;
}

/** What is told of one Kustomization. */
export interface Report {
  kustomization: { namespace: string; name: string };
  /** The local directory. */
  path: string;
  changes: Change[];
}

/** @returns changes in the order of applying, then of deleting */
export function reportOf(
  { metadata: { namespace, name } }: Kustomization,
  path: string,
  { objects, mask }: { objects: readonly ObjectPreview[]; mask: Mask },
): Report {
  return { kustomization: { namespace, name }, path, changes: objects.map((object) => changeOf(object, mask)) };
}

function countsOf(reports: readonly Report[]): Map<Action, number> {
  const all = reports.flatMap(({ changes }) => changes);
  const counts = actions.map((action) => [action, all.filter((change) => change.action === action).length] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

/** Whether an apply would change something in the cluster. */
export function isDifference({ action }: Change): boolean {
  return action === "created" || action === "changed" || action === "recreated" || action === "deleted";
}

/** `2 created, 1 changed, 12 unchanged` */
export function countsText(reports: readonly Report[]): string {
  const counts = [...countsOf(reports)].map(([action, count]) => `${count} ${action}`);
  return counts.length === 0 ? "no objects" : counts.join(", ");
}

function changeOf({ name, file, secrets, verdict }: ObjectPreview, mask: Mask): Change {
  const { apiVersion } = name;
  const where = { subject: mask.text(subjectOf(name)), apiVersion, ...(file !== undefined && { file }) };
  return { ...where, ...toldOf(withoutPlace(verdict, name, file), secrets, mask) };
}

/** Which object and file it is about is told already. */
function withoutPlace(verdict: Verdict, name: ObjectName, file: string | undefined): Verdict {
  if (verdict.kind !== "rejected") return verdict;
  const place = `${subjectOf(name)}${file === undefined ? "" : ` (file ${file})`}: `;
  const { message } = verdict;
  return { kind: "rejected", message: message.startsWith(place) ? message.slice(place.length) : message };
}

type Told = Pick<Change, "action" | "note" | "fields" | "manifest">;

function toldOf(verdict: Verdict, secrets: readonly string[], mask: Mask): Told {
  switch (verdict.kind) {
    case "created":
      return created(verdict, secrets, mask);
    case "changed": {
      const fields = fieldChanges(verdict.found, mask, secrets);
      return verdict.isRecreated
        ? { action: "recreated", fields, note: notes.recreated }
        : { action: "changed", fields };
    }
    case "drifted":
      if (verdict.found === undefined) return { action: "drifted", note: notes.missing };
      return { action: "drifted", fields: fieldChanges(verdict.found, mask, secrets), note: notes.drifted };
    case "rejected":
      return { action: "rejected", note: mask.text(verdict.message, secrets) };
    case "encrypted":
    case "kept":
    case "skipped":
      return { action: verdict.kind, note: notes[verdict.kind] };
    case "deleted":
    case "unchanged":
      return { action: verdict.kind };
  }
}

function created({ object, isValidated }: Verdict & { kind: "created" }, secrets: readonly string[], mask: Mask): Told {
  const manifest = stringifyManifest(mask.object(object, secrets));
  return { action: "created", manifest, ...(!isValidated && { note: notes.unvalidated }) };
}

const notes = {
  unvalidated: "not checked: its namespace or CRD is created by this change",
  recreated: "deleted and recreated, because a field is immutable",
  missing: "deleted out of band, and not recreated",
  drifted: "changed out of band, and not corrected",
  encrypted: "encrypted; contents were not compared",
  kept: "no longer declared, but not deleted: pruning is disabled for it, or it has another owner",
  skipped: "not applied, because its annotation disables it",
};

/** Objects that hold what may be secret: what they are made of, and what they are now. */
export function objectsIn({ verdict }: ObjectPreview): KubeObject[] {
  if (verdict.kind === "created") return [verdict.object];
  if (verdict.kind !== "changed" && verdict.kind !== "drifted") return [];
  return verdict.found === undefined ? [] : [verdict.found.current, verdict.found.applied];
}
