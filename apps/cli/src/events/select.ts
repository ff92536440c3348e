import { core, type ResourceDefinition } from "@leat/api";
import type { Selection } from "@leat/kube";
import { findIfAny } from "../cluster/find.ts";
import { type Reference, sourceOf } from "../cluster/kinds.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { EventFacts } from "./event.ts";

type About = Pick<Reference, "kind" | "name"> & { namespace: string | undefined };

/** The events about the objects of a name, in one namespace or in all. */
export function eventsAbout({ kind, namespace, name }: About): Selection {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  return { resource: core.Event, namespace, fieldSelector };
}

/** The events about an object, and about the source that it comes from; with `-A`, about all of that name. */
export async function eventsFor(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<Selection[]> {
  // The events of an object outlive it.
  const objects = await findIfAny(cluster, kind, name);
  const sources = objects.flatMap((object) => sourceOf(kind, object) ?? []);
  const ofSources = new Map(sources.map((source) => [keyOf(source), source]));
  return [{ kind: kind.kind, namespace: cluster.scope, name }, ...ofSources.values()].map(eventsAbout);
}

function keyOf({ kind, namespace, name }: Reference): string {
  return `${kind}/${namespace}/${name}`;
}

/** Whether the event is about an object of the kinds that Git declares with, and not about a Pod, say. */
export function isOurs({ apiVersion }: EventFacts): boolean {
  return /^([a-z0-9-]+\.)*(toolkit\.fluxcd\.io|leat\.dev)\//.test(apiVersion);
}
