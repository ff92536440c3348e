import { type KubeObject, type Resource, requestedAtAnnotation } from "@leat/api";
import { Failure } from "../program/failure.ts";
import { fieldManager } from "../cluster/field-manager.ts";
import { refOf, subjectOfRef } from "../cluster/subject.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { isSuspended, settled } from "./settled.ts";
import { suspendReasonAnnotation } from "../suspend/suspend.ts";

/**
 * Asks an object's controller for a run now, and waits for its end.
 *
 * @returns the object after the run; `undefined` where it is not waited for
 * @throws Failure where the object is suspended, and where the run fails
 */
export async function reconcile(
  cluster: Cluster,
  resource: Resource,
  object: KubeObject,
  { wait }: { wait: boolean },
): Promise<KubeObject | undefined> {
  const ref = refOf(resource, object);
  if (isSuspended(object)) throw new Failure(`${subjectOfRef(ref)} is suspended${adviceOn(resource, object)}`);
  const token = newToken(object);
  const body = { metadata: { annotations: { [requestedAtAnnotation]: token } } };
  const { kube, signal } = cluster;
  await kube.patch(ref, { type: "merge", body }, { fieldManager, metadataOnly: true, signal });
  return wait ? settled(cluster, ref, token) : undefined;
}

/** Another than the last, or nobody would notice. */
function newToken({ metadata }: KubeObject): string {
  const now = new Date().toISOString();
  return metadata.annotations?.[requestedAtAnnotation] === now ? now.replace("Z", "1Z") : now;
}

function adviceOn({ kind }: Resource, { metadata }: KubeObject): string {
  const { name, namespace, annotations } = metadata;
  const reason = annotations?.[suspendReasonAnnotation];
  const why = reason === undefined ? "" : `: ${reason}`;
  return `${why}\nResume it first: leat resume ${kind.toLowerCase()} ${name} -n ${namespace}`;
}
