import type { KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { setTimeout as pause } from "node:timers/promises";
import type { Live } from "./live.ts";
import { refusalOf } from "./refusal.ts";
import type { ApplyRun, Item } from "./run.ts";

/**
 * Whether deleting the object and making it anew is wanted, and mends what the server refuses: each of its complaints must
 * be about a field that cannot change, else the new object would be refused as well, and the old one be gone.
 */
export function canRecreate(run: ApplyRun, item: Item, { error, live }: { error: unknown; live: Live }): boolean {
  return (run.force || item.switches.forced || live.switches.forced) && isImmutable(error);
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
    if (leftMs <= 0) throw refusalOf(item, stillThere(there, performance.now() - started));
    await pause(Math.min(waitMs, leftMs), undefined, { signal });
  }
}

const immutableWords =
  /immutable|may not (?:be )?change|can ?not (?:be )?(?:change|unset|updated|modified)|updates? to .* (?:is|are) forbidden|can not be unset|pod updates may not/i;

export function isImmutable(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.code !== 422) return false;
  const complaints = error.causes.length > 0 ? error.causes.map(({ message }) => message) : [error.message];
  return complaints.every((complaint) => immutableWords.test(complaint));
}

function stillThere({ metadata }: KubeObject, waitedMs: number): string {
  const { finalizers = [] } = metadata;
  const holders = finalizers.length === 0 ? "" : `; its finalizers hold it: ${finalizers.join(", ")}`;
  return `was deleted to be made anew, and is still there after ${Math.round(waitedMs / 1000)} s${holders}`;
}
