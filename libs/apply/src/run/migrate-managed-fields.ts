import { groupOf, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { Rejection } from "../objects/rejection.ts";
import type { ApplyRun, Item } from "./run.ts";

/**
 * Does the work, and once more where the server rejects it only for what it has written down itself: that a manager's fields
 * are of an older version of the kind. It reads the whole object as of that version, and does not know there what a newer one
 * has filled in. The fields stay whose they are.
 */
export async function despiteOldVersions<Result>(
  run: ApplyRun,
  item: Item,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUnknownField(error) || !(await renewVersions(run, item))) throw error;
    return work();
  }
}

function isUnknownField(thrown: unknown): boolean {
  const error = thrown instanceof Rejection ? thrown.cause : thrown;
  return error instanceof ApiError && error.code === 500 && error.message.includes("field not declared in schema");
}

/** @returns whether there was something to renew */
async function renewVersions({ kube, rules, signal }: ApplyRun, { object, resource }: Item): Promise<boolean> {
  const { namespace, name } = object.metadata;
  const current = await kube.get({ resource, namespace, name }, { metadataOnly: true, signal });
  const body = current && renewalPatch(current, object.apiVersion);
  if (body === undefined) return false;
  const options = { fieldManager: rules.fieldManager, metadataOnly: true, signal };
  await kube.patch({ resource, namespace, name }, { type: "json", body }, options);
  return true;
}

/**
 * A JSON patch that makes all fields those of this version. It holds for exactly this resourceVersion: on another the server
 * answers 409.
 */
function renewalPatch({ metadata }: KubeObject, apiVersion: string): object[] | undefined {
  const { managedFields = [], resourceVersion } = metadata;
  const isOld = (written = apiVersion) => written !== apiVersion && groupOf(written) === groupOf(apiVersion);
  if (!managedFields.some((entry) => isOld(entry.apiVersion))) return undefined;
  const renewed = managedFields.map((entry) => (isOld(entry.apiVersion) ? { ...entry, apiVersion } : entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: renewed },
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
  ];
}
