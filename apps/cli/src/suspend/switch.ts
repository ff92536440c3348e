import type { KubeObject, ResourceDefinition } from "@leat/api";
import { UsageError } from "@leat/controller";
import type { Context } from "../program/context.ts";
import { explain } from "../program/explain.ts";
import { Failure } from "../program/failure.ts";
import { findNamed, listObjects } from "../cluster/find.ts";
import type { Target } from "../cluster/kinds.ts";
import { oneLine } from "../terminal/one-line.ts";
import { refOf, subjectOfRef } from "../cluster/subject.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { outcomeLine } from "../reconcile/outcome-line.ts";
import { isSuspended, settled } from "../reconcile/settled.ts";
import { resume, suspend } from "./suspend.ts";

/** Which objects are meant. */
export interface Selected {
  target: Target;
  all: boolean;
  labelSelector: string | undefined;
}

/** Suspends the objects; who names none gets none. */
export async function suspendAll(
  cluster: Cluster,
  selected: Selected,
  { out, reason }: Context & { reason: string | undefined },
): Promise<void> {
  await forEach(cluster, selected, async (subject, kind, object) => {
    if (isSuspended(object) && reason === undefined) return out.line(`${subject} is already suspended`);
    await suspend(cluster.kube, refOf(kind, object), { reason, signal: cluster.signal });
    return out.line(`${out.style("green", "✓")} ${subject} suspended`);
  });
}

/**
 * Resumes the objects, and waits until each has caught up.
 *
 * @throws Failure that names all that do not
 */
export async function resumeAll(
  cluster: Cluster,
  selected: Selected,
  { out, wait }: Context & { wait: boolean },
): Promise<void> {
  await forEach(cluster, selected, async (subject, kind, object) => {
    if (!isSuspended(object)) return out.line(`${subject} is not suspended`);
    const ref = refOf(kind, object);
    await resume(cluster.kube, ref, cluster.signal);
    const said = wait ? `resumed, ${oneLine(outcomeLine(await settled(cluster, ref)))}` : "resumed";
    return out.line(`${out.style("green", "✓")} ${subject} ${said}`);
  });
}

async function forEach(
  cluster: Cluster,
  { target, all, labelSelector }: Selected,
  act: (subject: string, kind: ResourceDefinition, object: KubeObject) => Promise<void>,
): Promise<void> {
  const { kinds, names } = target;
  if (names.length === 0 && !all) throw new UsageError("name the objects, or use --all");
  if (names.length > 0 && (all || labelSelector !== undefined))
    throw new UsageError("name the objects, or select them with --all and --selector");
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const named = names.map((name) => findNamed(cluster, kind, name));
      const objects = all ? await listObjects(cluster, kind, { labelSelector }) : (await Promise.all(named)).flat();
      return objects.map((object) => ({ kind, object }));
    }),
  );
  const acts = await Promise.allSettled(
    found.flat().map(({ kind, object }) => act(subjectOfRef(refOf(kind, object)), kind, object)),
  );
  cluster.signal.throwIfAborted();
  const [error, ...others] = acts.flatMap((settledAct) =>
    settledAct.status === "rejected" ? [settledAct.reason] : [],
  );
  if (error !== undefined && others.length === 0) throw error;
  if (others.length > 0) throw new Failure([error, ...others].map(explain).join("\n"), { cause: error });
}
