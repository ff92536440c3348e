import type { KubeObject } from "@leat/api";
import { textAt } from "../terminal/columns.ts";
import { conditionOf } from "../cluster/condition-of.ts";

/** What a run has come to: `applied revision main@sha1:…`. */
export function outcomeLine(object: KubeObject): string {
  const applied = textAt(object, "status", "lastAppliedRevision");
  if (applied !== "") return `applied revision ${applied}`;
  const fetched = textAt(object, "status", "artifact", "revision");
  if (fetched !== "") return `fetched revision ${fetched}`;
  return conditionOf(object, "Ready")?.message || "is ready";
}
