import { core, type ResourceDefinition } from "@leat/api";
import type { Selection } from "@leat/kube";
import { findIfAny } from "../cluster/find.ts";
import { type Reference, sourceOf } from "../cluster/kinds.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { EventFacts } from "./event.ts";

/** The events about one object. */
export function eventsAbout({ kind, namespace, name }: Reference): Selection {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  return { resource: core.Event, namespace, fieldSelector };
}

/** The events about an object, and about the source that it comes from. */
export async function eventsFor(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<Selection[]> {
  const { namespace } = cluster;
  // The events of an object outlive it.
  const object = await findIfAny(cluster, kind, name);
  const source = object && sourceOf(kind, object);
  return [{ group: kind.group, kind: kind.kind, namespace, name }, ...(source ? [source] : [])].map(eventsAbout);
}

/** Whether the event is about an object of the kinds that Git declares with, and not about a Pod, say. */
export function isOurs({ apiVersion }: EventFacts): boolean {
  return /^([a-z0-9-]+\.)*(toolkit\.fluxcd\.io|leat\.dev)\//.test(apiVersion);
}
