import { readStatus } from "@leat/apply";
import type { KubeObject } from "@leat/api";
import { textAt } from "../terminal/columns.ts";
import { conditionOf } from "../cluster/condition-of.ts";

/** One object on the way from a source to what was asked about. */
export interface Step {
  role: "object" | "owner" | "applier" | "source";
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  status: "Current" | "InProgress" | "Failed" | "Terminating" | "NotFound";
  message: string;
  suspended?: true;
  /** More about it, in the order to tell it. */
  details?: Record<string, string>;
}

/** @param details those that say nothing are left out */
export function stepOf(role: Step["role"], object: KubeObject, details: ReadonlyArray<[string, string]> = []): Step {
  const { apiVersion, kind, metadata } = object;
  const { status, message } = readStatus(object, Date.now());
  const told = details.filter(([, value]) => value !== "");
  return {
    role,
    apiVersion,
    kind,
    ...(metadata.namespace && { namespace: metadata.namespace }),
    name: metadata.name,
    status,
    // It may say more of itself than that it is ready.
    message: conditionOf(object, "Ready")?.message || message,
    ...(textAt(object, "spec", "suspend") === "true" && { suspended: true as const }),
    ...(told.length > 0 && { details: Object.fromEntries(told) }),
  };
}

/** Of an object that something else names, and that is not there. */
export function missingStep(
  role: Step["role"],
  {
    apiVersion,
    kind,
    name,
    namespace,
  }: { apiVersion: string; kind: string; name: string; namespace?: string | undefined },
): Step {
  const where = namespace ? { namespace } : {};
  return { role, apiVersion, kind, ...where, name, status: "NotFound", message: "does not exist" };
}
