import { randomBytes } from "node:crypto";
import type { KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { setTimeout as pause } from "node:timers/promises";
import type { LiveObject } from "../watch/sync-state.ts";
import { rejectionOf } from "../objects/rejection.ts";
import type { ApplyRun, Asking, Item, Sendable } from "./run.ts";

/**
 * Whether recreating the object is wanted, and mends what the server rejects: it complains of fields that
 * cannot change, or would take the object under another name. Else the new object would be rejected as well, and the old
 * one be gone.
 */
export async function canRecreate(
  run: Asking & Pick<ApplyRun, "force">,
  item: Sendable,
  { error, live }: Rejected,
): Promise<boolean> {
  if (!run.force && !item.policies.forced && !live.policies.forced) return false;
  if (isImmutable(error)) return true;
  return error instanceof ApiError && error.code === 422 && (await isTakenAsNew(run, item));
}

export interface Rejected {
  error: unknown;
  live: LiveObject;
}

async function isTakenAsNew({ kube, rules, signal }: Asking, { object, resource }: Sendable): Promise<boolean> {
  const renamed = { ...object, metadata: { ...object.metadata, name: `leat-${randomBytes(8).toString("hex")}` } };
  try {
    const options = { fieldManager: rules.fieldManager, metadataOnly: true, dryRun: true, signal };
    await kube.create(resource, renamed, options);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.code === 422 && complaintsOf(error).every((complaint) => heldByOld.test(complaint));
  }
}

/** Deletes the object and waits until it is really gone. */
export async function recreate({ kube, deadline, signal }: ApplyRun, item: Item, uid: string): Promise<void> {
  const { namespace, name } = item.object.metadata;
  const ref = { resource: item.resource, namespace, name };
  const started = performance.now();
  await kube.delete(ref, { propagation: "Background", preconditions: { uid }, signal });
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    const there = await kube.get(ref, { metadataOnly: true, signal });
    if (there === undefined || there.metadata.uid !== uid) return;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw rejectionOf(item, stillThere(there, performance.now() - started));
    await pause(Math.min(waitMs, leftMs), undefined, { signal });
  }
}

const immutableWords =
  /immutable|may not (?:be )?change|can ?not (?:be )?(?:change|unset|updated|modified)|updates? to .* (?:is|are) forbidden|pod updates may not/i;

// Addresses and ports that the old object gives back.
const heldByOld = /already allocated/i;

/** By the words of the server, or of an admission webhook or policy. */
export function isImmutable(error: unknown): boolean {
  if (!(error instanceof ApiError) || ![400, 403, 422].includes(error.code)) return false;
  return complaintsOf(error).every((complaint) => immutableWords.test(complaint));
}

function complaintsOf({ causes, message }: ApiError): string[] {
  return causes.length > 0 ? causes.map((cause) => cause.message) : [message];
}

function stillThere({ metadata }: KubeObject, waitedMs: number): string {
  const { finalizers = [] } = metadata;
  const holders = finalizers.length === 0 ? "" : `; blocked by its finalizers: ${finalizers.join(", ")}`;
  return `still terminating ${Math.round(waitedMs / 1000)}s after deletion for recreate${holders}`;
}
