import type { KubeObject } from "@leat/api";
import { ApiError, type ObjectRef } from "@leat/kube";
import { Failure } from "../program/failure.ts";
import { subjectOfRef } from "../cluster/subject.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { verdictOn } from "./verdict.ts";

/**
 * Watches an object until its run is over, and gives it as it then is.
 *
 * @param token what the run was asked for with; without it, the run is meant that has seen the newest generation
 * @throws Failure with reason and message where the run fails, and where the object goes away or is suspended
 */
export async function settled({ kube, signal, waitFor }: Cluster, ref: ObjectRef, token?: string): Promise<KubeObject> {
  const subject = subjectOfRef(ref);
  const selection = {
    resource: ref.resource,
    namespace: ref.namespace,
    fieldSelector: `metadata.name=${ref.name}`,
  };
  const rejected = new AbortController();
  // The watch itself tries for ever, and what is forbidden stays so.
  const onFailure = (error: Error) => {
    if (error instanceof ApiError && (error.code === 401 || error.code === 403)) rejected.abort(error);
  };
  waitFor(subject);
  const ending = AbortSignal.any([signal, rejected.signal]);
  for await (const event of kube.watch(selection, ending, { onFailure })) {
    const object = event.type === "listed" ? event.objects[0] : event.type === "applied" ? event.object : undefined;
    if (object === undefined) throw new Failure(`${subject} was deleted`);
    if (isSuspended(object)) throw new Failure(`${subject} was suspended in the meantime`);
    const verdict = verdictOn(object, token);
    if (verdict.kind === "ready") return object;
    if (verdict.kind === "failed") throw new Failure(`${subject} failed: ${verdict.reason}: ${verdict.message}`);
    waitFor(`${subject}: ${verdict.message}`);
  }
  ending.throwIfAborted();
  throw new Failure(`${subject} cannot be watched`);
}

export function isSuspended(object: KubeObject): boolean {
  return (object["spec"] as { suspend?: unknown } | undefined)?.suspend === true;
}
