import type { KubeObject } from "@leat/api";
import type { Kube, ObjectRef } from "@leat/kube";
import { conditionOf } from "../cluster/condition-of.ts";

export interface Expectation<T> {
  ref: ObjectRef;
  /** As the end of "waited 60 s for …". */
  what: string;
  timeoutMs: number;
  /** `undefined` until the object is as expected; `object` is `undefined` where it does not exist. */
  read: (object: KubeObject | undefined) => T | undefined;
}

/**
 * Watches one object until it is as expected.
 *
 * @throws Error when time is up, with what the object says of itself
 */
export async function observe<T>(
  kube: Kube,
  { ref, what, timeoutMs, read }: Expectation<T>,
  signal: AbortSignal,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const { resource, namespace, name } = ref;
  const selection = { resource, namespace, fieldSelector: `metadata.name=${name}` };
  let last: KubeObject | undefined;
  for await (const event of kube.watch(selection, AbortSignal.any([signal, timeout]))) {
    last = event.type === "listed" ? event.objects[0] : event.type === "applied" ? event.object : undefined;
    const seen = read(last);
    if (seen !== undefined) return seen;
  }
  signal.throwIfAborted();
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}; ${lastWords(ref, last)}`);
}

function lastWords({ resource, name }: ObjectRef, object: KubeObject | undefined): string {
  if (object === undefined) return `${resource.kind} ${name} does not exist`;
  const ready = conditionOf(object, "Ready");
  if (ready === undefined) return `${resource.kind} ${name} exists without a status`;
  return `${resource.kind} ${name} has Ready=${ready.status}, ${ready.reason}: ${ready.message}`;
}
