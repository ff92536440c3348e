import type { KubeObject, Resource } from "@leat/api";
import type { Kube } from "@leat/kube";

const configMaps: Resource = { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };

/** Watches the ConfigMaps of a namespace, so that a change is timed when the API server shows it and not when somebody asks. */
export interface Sight extends AsyncDisposable {
  /** Resolves with the time (`performance.now()`) at which the predicate first held. */
  when: (name: string, holds: (data: Record<string, string>) => boolean) => Promise<number>;
}

export function watchConfigMaps(kube: Kube, namespace: string): Sight {
  const stop = new AbortController();
  const seen = new Map<string, Record<string, string>>();
  const waiting = new Set<() => void>();
  const note = ({ metadata, ...object }: KubeObject) => {
    seen.set(metadata.name, (object["data"] ?? {}) as Record<string, string>);
    for (const look of waiting) look();
  };
  const follow = async () => {
    for await (const event of kube.watch({ resource: configMaps, namespace }, stop.signal)) {
      if (event.type === "listed") event.objects.forEach(note);
      else if (event.type === "applied") note(event.object);
    }
  };
  const following = follow();
  return {
    when: (name, holds) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const look = () => {
        const data = seen.get(name);
        if (data === undefined || !holds(data)) return;
        waiting.delete(look);
        resolve(performance.now());
      };
      waiting.add(look);
      look();
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await following;
    },
  };
}
