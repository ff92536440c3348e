import type { Kustomization } from "@leat/api";

/** Since when the health of an object's current revision is waited for: a wait spans many runs and holds no worker. */
export interface HealthWaits {
  /** The wait for this revision and generation, begun now where there is none. */
  begin: (object: Kustomization, revision: string) => { since: number };
  end: (object: Kustomization) => void;
  forget: (namespace: string, name: string) => void;
}

export function createHealthWaits(): HealthWaits {
  const waits = new Map<string, { since: number; what: string }>();
  const keyOf = (namespace: string, name: string) => `${namespace}/${name}`;
  return {
    begin: ({ metadata: { namespace, name, uid, generation } }, revision) => {
      const what = `${uid} ${generation} ${revision}`;
      const current = waits.get(keyOf(namespace, name));
      if (current?.what === what) return current;
      const wait = { since: Date.now(), what };
      waits.set(keyOf(namespace, name), wait);
      return wait;
    },
    end: ({ metadata }) => void waits.delete(keyOf(metadata.namespace, metadata.name)),
    forget: (namespace, name) => void waits.delete(keyOf(namespace, name)),
  };
}
