import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { ApiError, type Kube, type ObjectRef } from "@leat/kube";

/** Makes the new status from the object as it is; called again with a fresh object after a conflict. */
export type StatusOf = (object: KubeObject) => object;

const maxConflicts = 5;

/**
 * Writes a status where it differs, as a merge patch that is rejected when somebody else was faster, so that conditions of
 * others are never lost.
 *
 * @returns the object as it is now; `undefined` where it no longer exists
 * @throws ApiError after five conflicts in a row
 */
export async function writeStatus(
  kube: Kube,
  ref: ObjectRef,
  { object, statusOf, fieldManager }: { object: KubeObject; statusOf: StatusOf; fieldManager: string },
): Promise<KubeObject | undefined> {
  let current = object;
  for (let conflicts = 0; ; conflicts++) {
    const status = statusOf(current);
    const before = current["status"] ?? {};
    const patch = mergePatch(before, status);
    if (patch === undefined) return current;
    const body = { metadata: { resourceVersion: current.metadata.resourceVersion }, status: patch };
    try {
      return await kube.patch(ref, { type: "merge", body }, { subresource: "status", fieldManager });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 404) return undefined;
      if (error.code !== 409 || conflicts >= maxConflicts) throw error;
      const fresh = await kube.get(ref);
      if (fresh === undefined || fresh.metadata.uid !== object.metadata.uid) return undefined;
      current = fresh;
    }
  }
}

/** RFC 7386: what turns `before` into `after`; `undefined` where they are equal. Lists are replaced whole. */
export function mergePatch(before: object, after: object): object | undefined {
  const patch: Record<string, unknown> = {};
  const [old, next] = [before, after].map((value) => value as Record<string, unknown>) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const difference = differenceOf(old[key], next[key]);
    if (difference !== undefined) patch[key] = difference;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function differenceOf(before: unknown, after: unknown): unknown {
  if (after === undefined) return before === undefined ? undefined : null;
  if (isRecord(before) && isRecord(after)) return mergePatch(before, after);
  return isDeepStrictEqual(before, after) ? undefined : after;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
