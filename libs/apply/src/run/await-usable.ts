import { setTimeout as pause } from "node:timers/promises";
import { isRecord } from "../fields/json-edit.ts";
import { readStatus } from "../health/kstatus/read-status.ts";
import { apiVersionOf } from "../objects/object-name.ts";
import { mapLimited } from "./map-limited.ts";
import { rejectionFrom, rejectionOf } from "../objects/rejection.ts";
import type { ApplyRun, Item } from "./run.ts";

const longestMs = 60_000;
const discoveryLimitMs = 10_000;

/**
 * Waits until what was applied can be built upon: definitions are established and served, namespaces are there.
 *
 * @throws Rejection where that fails or takes longer than a minute
 */
export async function awaitUsable(run: ApplyRun, items: readonly Item[]): Promise<void> {
  const deadline = Math.min(run.deadline, performance.now() + longestMs);
  await mapLimited(items, run.concurrency, async (item) => {
    try {
      await awaitCurrent(run, item, deadline);
      await awaitServed(run, item);
    } catch (error) {
      throw rejectionFrom(error, item);
    }
  });
}

async function awaitCurrent({ kube, signal }: ApplyRun, item: Item, deadline: number): Promise<void> {
  const { namespace, name } = item.object.metadata;
  const started = performance.now();
  for (let waitMs = 15; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    const object = await kube.get({ resource: item.resource, namespace, name }, { signal });
    const reading = object && readStatus(object, Date.now());
    if (reading?.status === "Current") return;
    const message = reading?.message ?? "does not exist";
    if (reading?.status === "Failed") throw rejectionOf(item, message);
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) {
      const waitedS = Math.round((performance.now() - started) / 1000);
      throw rejectionOf(item, `not established after ${waitedS}s; later stages depend on it: ${message}`);
    }
    await pause(Math.min(waitMs, leftMs), undefined, { signal });
  }
}

/** An established kind is in the server's discovery a moment later. */
async function awaitServed({ kube, signal }: ApplyRun, { object }: Item): Promise<void> {
  if (object.kind !== "CustomResourceDefinition") return;
  const limit = AbortSignal.timeout(discoveryLimitMs);
  for (const { apiVersion, kind } of definedKinds(object["spec"])) {
    // Asking is paced by the client.
    while (!limit.aborted && (await kube.resourceOf(apiVersion, kind, { signal })) === undefined)
      signal.throwIfAborted();
  }
}

/** A kind that a CustomResourceDefinition makes the server serve. */
export interface DefinedKind {
  apiVersion: string;
  kind: string;
  namespaced: boolean;
}

/** @param spec of the definition */
export function definedKinds(spec: unknown): DefinedKind[] {
  if (!isRecord(spec) || !isRecord(spec["names"]) || !Array.isArray(spec["versions"])) return [];
  const group = String(spec["group"]);
  const kind = String(spec["names"]["kind"]);
  const namespaced = spec["scope"] !== "Cluster";
  return spec["versions"]
    .filter((version) => isRecord(version) && version["served"] === true)
    .map((version) => ({ apiVersion: apiVersionOf(group, String(version["name"])), kind, namespaced }));
}
