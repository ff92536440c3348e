import { core, objectPolicyKey, ObjectPolicyValue } from "@leat/api";
import { rejectionFrom } from "../objects/rejection.ts";
import type { ApplyRun, Item } from "./run.ts";
import { type Before, readLive } from "./send.ts";

/** Not the manager that applies: what that no longer declares is removed. */
const fieldManager = "leat-adoption";

/**
 * A namespace that was there before its owner applied it is never pruned: others have made it, and keep their objects in it.
 * To be called before it is applied, as nobody could tell afterwards.
 *
 * @throws Rejection
 */
export async function protectNamespace(run: ApplyRun, item: Item, before: Before): Promise<void> {
  const { resource, object, kindWatch } = item;
  if (resource.group !== "" || resource.kind !== core.Namespace.kind || before.kind === "absent") return;
  if (kindWatch.known(object.metadata, run.owner) !== undefined) return;
  const live = before.kind === "seen" ? before.live : await readLive(run, item);
  if (live === undefined || live.owner !== undefined || live.policies.keptOnPrune) return;
  await annotate(run, item);
}

async function annotate({ kube, rules, signal }: ApplyRun, item: Item): Promise<void> {
  const annotations = { [objectPolicyKey(rules.ownerGroup, "prune")]: ObjectPolicyValue.disabled };
  const ref = { resource: item.resource, name: item.object.metadata.name };
  const options = { fieldManager, metadataOnly: true, signal };
  try {
    await kube.patch(ref, { type: "merge", body: { metadata: { annotations } } }, options);
  } catch (error) {
    throw rejectionFrom(error, item);
  }
}
