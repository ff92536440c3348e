import type { KubeObject } from "@leat/api";
import { type InventoryEntry, namesOf } from "../objects/inventory.ts";
import type { ObjectName } from "../objects/object-name.ts";
import { mapLimited } from "../run/map-limited.ts";
import { readLive, refOf, whyItStays } from "../run/prune.ts";
import { rejectionFrom } from "../objects/rejection.ts";
import { findResource } from "../objects/resource-of.ts";
import type { PreviewRun } from "./preview-object.ts";
import type { ObjectPreview, Verdict } from "./verdict.ts";

/** Which of the entries would be deleted; what is gone already is left out. */
export async function previewPruned(run: PreviewRun, entries: readonly InventoryEntry[]): Promise<ObjectPreview[]> {
  const names = entries.flatMap(namesOf);
  const verdicts = await mapLimited(names, run.concurrency, async (name) => verdictOn(run, name));
  return names.flatMap((name, index) => {
    const verdict = verdicts[index];
    return verdict === undefined ? [] : [{ name, secrets: [], verdict }];
  });
}

async function verdictOn(run: PreviewRun, name: ObjectName): Promise<Verdict | undefined> {
  try {
    const resource = await findResource({ ...run, kindWatches: { find: () => undefined } }, name);
    const live = resource && (await readLive(run, refOf(name, resource)));
    if (live === undefined) return undefined;
    return { kind: whyItStays(run, live) === undefined ? "deleted" : "kept" };
  } catch (error) {
    const { apiVersion, kind } = name;
    const { message } = rejectionFrom(error, { object: { apiVersion, kind, metadata: { ...name } } as KubeObject });
    return { kind: "rejected", message };
  }
}
