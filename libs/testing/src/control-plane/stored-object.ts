/** Where objects of a kind are served. */
export interface ServedKind {
  group: string;
  version: string;
  kind: string;
}

/** An object as the API server gives it. */
export type StoredObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
  };
  spec: object;
  status: object;
};

/** The fields of an object that a test cares about. */
export interface StoredFields {
  /** `app` where it is absent. */
  name?: string;
  /** `team` where it is absent. */
  namespace?: string;
  generation?: number;
  spec?: object;
  status?: object;
}

/** Of generation 1 and observed by its controller unless the fields say otherwise. */
export function storedObject(
  { group, version, kind }: ServedKind,
  { name = "app", namespace = "team", generation = 1, spec = {}, status = {} }: StoredFields = {},
): StoredObject {
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: {
      namespace,
      name,
      uid: `uid-${name}`,
      resourceVersion: "1",
      generation,
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec,
    status: { observedGeneration: 1, ...status },
  };
}

/** A status with the Ready condition alone. */
export function readyStatus(status: "True" | "False", reason = "ReconciliationSucceeded"): object {
  const lastTransitionTime = "2026-01-01T00:00:00Z";
  return { conditions: [{ type: "Ready", status, reason, message: "", lastTransitionTime, observedGeneration: 1 }] };
}
