import {
  artifactSources,
  type GroupKind,
  isSameKind,
  kinds,
  type KubeObject,
  type Resource,
  type ResourceDefinition,
} from "@leat/api";
import { ApiError, type Selection } from "@leat/kube";
import { type EventFacts, factsOf, inOrder } from "../events/event.ts";
import { eventsAbout } from "../events/select.ts";
import { findObject, KindMissing, listObjects } from "../cluster/find.ts";
import { dependenciesOf, type Reference, sourceOf } from "../cluster/kinds.ts";
import type { Cluster } from "../cluster/with-cluster.ts";

/** An object that another one names. */
export type Related =
  | { state: "found"; reference: Reference; object: KubeObject }
  | { state: "missing"; reference: Reference }
  /** Its kind is not known here, or may not be read. */
  | { state: "unseen"; reference: Reference };

/** An object, and what has to do with it. */
export interface Description {
  kind: ResourceDefinition;
  object: KubeObject;
  source: Related | undefined;
  dependencies: Related[];
  /** Objects that have it for their source or depend on it. */
  dependents: KubeObject[];
  /** The newest last. */
  events: EventFacts[];
}

const mostEvents = 10;

/** @throws Failure where the object does not exist */
export async function gather(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<Description> {
  const object = await findObject(cluster, kind, name);
  const self = { group: kind.group, kind: kind.kind, namespace: cluster.namespace, name };
  cluster.waitFor(`resources related to the ${self.kind} ${name}`);
  const source = sourceOf(kind, object);
  const [foundSource, dependencies, dependents, events] = await Promise.all([
    source && lookUp(cluster, source),
    Promise.all(dependenciesOf(kind, object).map((reference) => lookUp(cluster, reference))),
    dependentsOf(cluster, self),
    eventsOf(cluster, eventsAbout(self)),
  ]);
  return { kind, object, source: foundSource, dependencies, dependents, events };
}

async function lookUp({ kube, signal }: Cluster, reference: Reference): Promise<Related> {
  const resource = resourceOf(reference);
  if (resource === undefined) return { state: "unseen", reference };
  try {
    const object = await kube.get({ ...reference, resource }, { signal });
    return object === undefined ? { state: "missing", reference } : { state: "found", reference, object };
  } catch (error) {
    return ifForbidden(error, { state: "unseen", reference });
  }
}

function resourceOf(wanted: GroupKind): Resource | undefined {
  return [...kinds, ...Object.values(artifactSources)].find((kind) => isSameKind(kind, wanted));
}

async function dependentsOf(cluster: Cluster, self: Reference): Promise<KubeObject[]> {
  const isSelf = (reference: Reference | undefined) =>
    reference !== undefined &&
    isSameKind(reference, self) &&
    reference.namespace === self.namespace &&
    reference.name === self.name;
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const objects = await listAnywhere(cluster, kind);
      return objects.filter((object) => [sourceOf(kind, object), ...dependenciesOf(kind, object)].some(isSelf));
    }),
  );
  return found.flat();
}

/** In all namespaces, or in this one where the rights reach no further. */
async function listAnywhere(cluster: Cluster, kind: ResourceDefinition): Promise<KubeObject[]> {
  for (const scope of [undefined, cluster.namespace]) {
    try {
      return await listObjects({ ...cluster, scope }, kind);
    } catch (error) {
      if (error instanceof KindMissing) return [];
      ifForbidden(error, []);
    }
  }
  return [];
}

async function eventsOf({ kube, signal }: Cluster, selection: Selection): Promise<EventFacts[]> {
  try {
    const { objects } = await kube.list(selection, { signal });
    return inOrder(objects.map(factsOf)).slice(-mostEvents);
  } catch (error) {
    return ifForbidden(error, []);
  }
}

function ifForbidden<Value>(error: unknown, value: Value): Value {
  if (error instanceof ApiError && error.code === 403) return value;
  throw error;
}
