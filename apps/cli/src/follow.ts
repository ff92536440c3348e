import type { KubeObject } from "@leat/api";
import { ApiError, type Selection } from "@leat/kube";
import type { Cluster } from "./with-cluster.ts";

/** Takes an object as it is now, or as it was last where it is gone. */
export type OnChange = (object: KubeObject, gone: boolean) => void;

/**
 * Tells of every object of a selection, and of each change of it, until the signal aborts.
 *
 * @throws ApiError where the API server refuses to tell
 */
export async function follow({ kube, signal }: Cluster, selection: Selection, onChange: OnChange): Promise<void> {
  const refused = new AbortController();
  const onFailure = (error: Error) => {
    if (error instanceof ApiError && [401, 403, 404].includes(error.code)) refused.abort(error);
  };
  const known = new Map<string, KubeObject>();
  const take = (object: KubeObject) => {
    const { uid = "", resourceVersion } = object.metadata;
    const before = known.get(uid);
    known.set(uid, object);
    if (before?.metadata.resourceVersion !== resourceVersion) onChange(object, false);
  };
  const forget = (object: KubeObject) => {
    known.delete(object.metadata.uid ?? "");
    onChange(object, true);
  };
  for await (const event of kube.watch(selection, AbortSignal.any([signal, refused.signal]), { onFailure })) {
    if (event.type === "deleted") forget(event.object);
    if (event.type === "applied") take(event.object);
    if (event.type !== "listed") continue;
    const listed = new Set(event.objects.map(({ metadata }) => metadata.uid));
    for (const object of known
      .values()
      .filter(({ metadata }) => !listed.has(metadata.uid))
      .toArray())
      forget(object);
    for (const object of event.objects) take(object);
  }
  if (refused.signal.aborted) throw refused.signal.reason;
  signal.throwIfAborted();
}
