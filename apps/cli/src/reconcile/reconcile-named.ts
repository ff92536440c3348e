import type { KubeObject, ResourceDefinition } from "@leat/api";
import { UsageError } from "@leat/controller";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { findObject } from "../cluster/find.ts";
import { definitionOf, sourceOf } from "../cluster/kinds.ts";
import { oneLine } from "../terminal/one-line.ts";
import { refOf, subjectOfRef } from "../cluster/subject.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { outcomeLine } from "./outcome-line.ts";
import { reconcile } from "./reconcile.ts";

export interface Request {
  kind: ResourceDefinition;
  name: string;
  /** Its source comes first. */
  withSource: boolean;
  wait: boolean;
}

/**
 * Reconciles the object that somebody named, and tells what has come of it.
 *
 * @throws Failure where there is no such object, and where it or its source is suspended or fails
 */
export async function reconcileNamed(cluster: Cluster, request: Request, context: Context): Promise<void> {
  const { kind, name, withSource, wait } = request;
  const object = await findObject(cluster, kind, name);
  if (withSource) await reconcileSource(cluster, kind, object, context);
  await reconcileOne(cluster, kind, object, { ...context, wait });
}

async function reconcileSource(
  cluster: Cluster,
  kind: ResourceDefinition,
  object: KubeObject,
  context: Context,
): Promise<void> {
  const source = sourceOf(kind, object);
  if (source === undefined) throw new UsageError(`a ${kind.kind} has no source`);
  const sourceKind = definitionOf(source);
  if (sourceKind === undefined)
    throw new Failure(`its source is of the kind ${source.kind}, which leat cannot reconcile`);
  const found = await findObject({ ...cluster, namespace: source.namespace }, sourceKind, source.name);
  // What is applied is what it has fetched: that is waited for in any case.
  await reconcileOne(cluster, sourceKind, found, { ...context, wait: true });
}

async function reconcileOne(
  cluster: Cluster,
  kind: ResourceDefinition,
  object: KubeObject,
  { out, wait }: Context & { wait: boolean },
): Promise<void> {
  const after = await reconcile(cluster, kind, object, { wait });
  const said = after === undefined ? "reconciliation requested" : oneLine(outcomeLine(after));
  out.line(`${out.style("green", "✓")} ${subjectOfRef(refOf(kind, object))} ${said}`);
}
