import type { KubeObject, Resource } from "@leat/api";
import type { Kube } from "@leat/kube";

const longestMs = 600_000;

/** Watches the objects of a kind in a namespace, so that a change is timed when the API server shows it and not when somebody asks. */
export interface Sight extends AsyncDisposable {
  /**
   * Resolves with the time (`performance.now()`) at which the predicate was first seen to hold.
   *
   * @param patienceMs ten minutes where not given
   * @throws Error where that has not come in time, with the object as it was seen last
   */
  when: (name: string, holds: (object: KubeObject) => boolean, patienceMs?: number) => Promise<number>;
}

export function watchObjects(kube: Kube, resource: Resource, namespace: string): Sight {
  const stop = new AbortController();
  const seen = new Map<string, KubeObject>();
  const waiting = new Map<string, Set<() => void>>();
  const note = (object: KubeObject) => {
    seen.set(object.metadata.name, object);
    for (const look of waiting.get(object.metadata.name) ?? []) look();
  };
  const follow = async () => {
    for await (const event of kube.watch({ resource, namespace }, stop.signal)) {
      if (event.type === "listed") event.objects.forEach(note);
      else if (event.type === "applied") note(event.object);
    }
  };
  const following = follow();
  return {
    when: (name, holds, patienceMs = longestMs) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const tooLate = () =>
        reject(new Error(`${resource.kind} ${name} is not as awaited: ${JSON.stringify(seen.get(name))}`));
      const timer = setTimeout(tooLate, patienceMs).unref();
      const looks = waiting.getOrInsertComputed(name, () => new Set());
      const look = () => {
        const object = seen.get(name);
        if (object === undefined || !holds(object)) return;
        looks.delete(look);
        clearTimeout(timer);
        resolve(performance.now());
      };
      looks.add(look);
      look();
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await following;
    },
  };
}

/** What the benchmark's ConfigMaps differ in. */
export function valueOf(configMap: KubeObject): string | undefined {
  return (configMap["data"] as Record<string, string> | undefined)?.["value"];
}
