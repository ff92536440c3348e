import type { KubeObject } from "@leat/api";
import { ApiError, type Selection } from "@leat/kube";
import type { Cluster } from "./with-cluster.ts";

/** An object as it is now, or as it was last where it is gone. */
export interface Change {
  object: KubeObject;
  gone: boolean;
}

/**
 * Every object of a selection, all at first, and then each change, until the signal aborts.
 *
 * @throws ApiError where the API server rejects to tell
 */
export async function* follow({ kube, signal }: Cluster, selection: Selection): AsyncGenerator<Change[]> {
  const rejected = new AbortController();
  const onFailure = (error: Error) => {
    if (error instanceof ApiError && [401, 403, 404].includes(error.code)) rejected.abort(error);
  };
  const known = new Map<string, KubeObject>();
  const take = (object: KubeObject): Change[] => {
    const { uid = "", resourceVersion } = object.metadata;
    const before = known.get(uid);
    known.set(uid, object);
    return before?.metadata.resourceVersion === resourceVersion ? [] : [{ object, gone: false }];
  };
  const forget = (object: KubeObject): Change[] => {
    known.delete(object.metadata.uid ?? "");
    return [{ object, gone: true }];
  };
  for await (const event of kube.watch(selection, AbortSignal.any([signal, rejected.signal]), { onFailure })) {
    if (event.type === "deleted") yield forget(event.object);
    if (event.type === "applied") yield take(event.object);
    if (event.type !== "listed") continue;
    const listed = new Set(event.objects.map(({ metadata }) => metadata.uid));
    const lost = [...known.values()].filter(({ metadata }) => !listed.has(metadata.uid));
    yield [...lost.flatMap(forget), ...event.objects.flatMap(take)];
  }
  if (rejected.signal.aborted) throw rejected.signal.reason;
  signal.throwIfAborted();
}
