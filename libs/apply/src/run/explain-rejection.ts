import { type KubeObject, objectPolicyKey } from "@leat/api";
import { ApiError, type ApiErrorCause } from "@leat/kube";
import { valueAt } from "../fields/differences.ts";
import { isKeyOf, partBelow } from "../fields/field-set.ts";
import { isOurApply } from "../fields/managed-fields.ts";
import { Rejection, rejectionFrom, rejectionOf } from "../objects/rejection.ts";
import { isImmutable } from "./recreate.ts";
import type { Asking, Sendable } from "./run.ts";

/**
 * A rejection whose message names what to change, where the server's words do not.
 *
 * @param error of a request about the object; anything but a rejection is thrown on
 */
export async function explainRejection(run: Asking, item: Sendable, error: unknown): Promise<Rejection> {
  const rejection = rejectionFrom(error, item);
  const { cause } = rejection;
  if (!(cause instanceof ApiError)) return rejection;
  if (isImmutable(cause) && cause.causes.length > 0) {
    const key = objectPolicyKey(run.rules.ownerGroup, "force");
    const advice = `to recreate the object, set spec.force, or annotate it with ${key}: enabled`;
    return rejectionOf(item, `${cause.causes.map(shortly).join(", ")}; ${advice}`, { cause });
  }
  const holder = await holderOfRemoved(run, item, cause);
  if (holder === undefined) return rejection;
  const advice = `${holder.manager} still owns fields of ${holder.item}, which is no longer declared: start the controller with --override-manager=${holder.manager}, or remove it by hand`;
  return new Rejection(`${rejection.message}; ${advice}`, { cause });
}

const longestWords = 200;

/** Without the value, which may be a whole object. */
function shortly({ field, message }: ApiErrorCause): string {
  const [line = ""] = message.split("\n");
  const words = line.slice(line.lastIndexOf(": ") + 1).trim();
  return `${field}: ${words.length > longestWords ? `${words.slice(0, longestWords)}…` : words}`;
}

interface Holder {
  manager: string;
  /** The key of the item. */
  item: string;
}

/** Who keeps an item of a list that is no longer declared, by owning some of its fields: what is left of it is invalid. */
async function holderOfRemoved(run: Asking, item: Sendable, { causes }: ApiError): Promise<Holder | undefined> {
  const lists = causes.flatMap(({ field, reason }) => (reason === "FieldValueRequired" ? (listOf(field) ?? []) : []));
  if (lists.length === 0) return undefined;
  const { namespace, name } = item.object.metadata;
  const ref = { resource: item.resource, namespace, name };
  const live = await run.kube.get(ref, { metadataOnly: true, signal: run.signal });
  return live && lists.map((path) => findHolder(run, item, live, path)).find((found) => found !== undefined);
}

/** Path of the innermost list that a field is in. */
function listOf(field: string): string[][] | undefined {
  const end = field.lastIndexOf("[");
  return end < 0 || field.indexOf("[") !== end ? undefined : [field.slice(0, end).split(".")];
}

function findHolder({ rules }: Asking, { object }: Sendable, live: KubeObject, path: string[]): Holder | undefined {
  const declared = valueAt(object, path);
  const items = Array.isArray(declared) ? declared : [];
  for (const entry of live.metadata.managedFields ?? []) {
    const { manager, subresource, fieldsV1 = {} } = entry;
    if (manager === undefined || subresource || isOurApply(rules.fieldManager, entry)) continue;
    const owned = partBelow(fieldsV1, path);
    const key = Object.keys(owned ?? {}).find(
      (one) => one.startsWith("k:") && !items.some((each) => isKeyOf(one, each)),
    );
    if (key !== undefined) return { manager, item: `${path.at(-1)} ${key.slice(2)}` };
  }
  return undefined;
}
