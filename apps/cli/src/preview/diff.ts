import { Kustomization } from "@leat/api";
import { type ObjectPreview, preview } from "@leat/apply";
import { UsageError } from "@leat/controller";
import { driftHandlingOf, isEncrypted, kustomizeController } from "@leat/kustomize-controller";
import { CommanderError } from "commander";
import type { Context } from "../program/context.ts";
import { explain } from "../program/explain.ts";
import { Failure } from "../program/failure.ts";
import { findObject } from "../cluster/find.ts";
import { objectOf } from "../cluster/kinds.ts";
import { type Cluster, withCluster } from "../cluster/with-cluster.ts";
import { asStored, kustomizationIn } from "./declarations.ts";
import { createMask } from "./mask.ts";
import { openPreview, type PreviewRun } from "./open-preview.ts";
import type { PreviewOptions } from "./preview-options.ts";
import { objectsOf, type Rendered } from "./render-all.ts";
import { subjectOf } from "./rendering.ts";
import { isDifference, objectsIn, type Report, reportOf } from "./report.ts";
import { reportMarkdown } from "./markdown.ts";
import { secretsOf, secretVariables } from "./secrets-of.ts";
import { openTarget } from "./targets.ts";
import { type Detail, reportText } from "./text.ts";

export interface DiffOptions extends PreviewOptions {
  ignoreNotFound?: boolean;
  stat?: boolean;
  summary?: boolean;
  output: "text" | "json" | "markdown";
}

const exitCodes = { differs: 1, failed: 3 } as const;

/**
 * Prints what an apply of a Kustomization would change.
 *
 * @throws Failure with the exit code 1 where something differs, and 3 where that cannot be told
 */
export async function diffAndPrint(context: Context, name: string, options: DiffOptions): Promise<void> {
  const reports = await orFailed(context, async () =>
    withCluster(context, options, async (cluster) => diff(context, cluster, { name, options })),
  );
  if (reports === undefined) return;
  print(context, reports, options);
  const changes = reports.flatMap((report) => report.changes);
  const rejected = changes.filter(({ action }) => action === "rejected").length;
  if (rejected > 0) {
    throw new Failure(`${rejected} of the objects would be rejected`, { exitCode: exitCodes.failed });
  }
  if (changes.some(isDifference)) throw new Failure("", { exitCode: exitCodes.differs });
}

/** The exit code must distinguish differences from failures. */
async function orFailed<Result>({ signal }: Context, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || error instanceof UsageError || error instanceof CommanderError) throw error;
    throw new Failure(explain(error), { cause: error, exitCode: exitCodes.failed });
  }
}

interface Asked {
  name: string;
  options: DiffOptions;
}

/** @returns `undefined` where there is nothing to compare with */
async function diff(context: Context, cluster: Cluster, { name, options }: Asked): Promise<Report[] | undefined> {
  const { kube, namespace, signal } = cluster;
  const { kustomizationFile: file, ignoreNotFound = false } = options;
  cluster.waitFor(`the Kustomization ${name}`);
  const live = ignoreNotFound
    ? await kube.get({ resource: Kustomization, namespace, name }, { signal })
    : await findObject(cluster, objectOf(["ks", name]).kind, name);
  await using run = await openPreview(options, context, { kube, signal });
  const declared = file === undefined ? live : await kustomizationIn(file, { namespace, name });
  if (declared === undefined) {
    run.warn(`Kustomization ${namespace}/${name} does not exist in the cluster: nothing to compare with`);
    return undefined;
  }
  const root = asStored(declared, live, namespace);
  cluster.waitFor("kustomize");
  const all = await run.render(root);
  cluster.waitFor("the comparison with the cluster");
  const previews: Array<{ rendered: Rendered; objects: ObjectPreview[] }> = [];
  for (const rendered of all) {
    if (rendered.object.spec.suspend)
      run.warn(`${subjectOf(rendered.object)} is suspended: nothing is applied until it is resumed`);
    previews.push({ rendered, objects: await previewOf(rendered, all, { cluster, run }) });
  }
  const before = live === undefined ? [] : [asStored(live, live, namespace)];
  const variables = await secretVariables(kube, [...all.map(({ object }) => object), ...before], signal);
  const objects = previews.flatMap((one) => one.objects.flatMap(objectsIn)).map((object) => ({ object }));
  const mask = createMask([...variables, ...secretsOf([...all.flatMap(({ built }) => built.objects), ...objects])]);
  return previews.map(({ rendered, objects: found }) =>
    reportOf(rendered.object, rendered.source.name, { objects: found, mask }),
  );
}

async function previewOf(
  { object, built }: Rendered,
  all: readonly Rendered[],
  { cluster: { kube, signal }, run }: { cluster: Cluster; run: PreviewRun },
): Promise<ObjectPreview[]> {
  await using target = await openTarget(kube, object, { warn: run.warn, http: run.http, signal });
  const { metadata, spec, status } = object;
  const found = await preview(
    {
      kube: target.acting,
      fieldManager: kustomizeController.name,
      ownerGroup: Kustomization.group,
      owner: { name: metadata.name, namespace: metadata.namespace },
      objects: built.objects,
      isEncrypted,
      force: spec.force,
      drift: driftHandlingOf(object, built.digest),
      ignore: spec.ignore,
      applied: spec.prune ? (status.inventory?.entries ?? []) : [],
      beside: objectsOf(all),
    },
    signal,
  );
  if (found.kind === "rejected") throw new Failure(`${subjectOf(object)}: ${found.message}`);
  return found.objects;
}

function print(
  { out }: Context,
  reports: readonly Report[],
  { output, stat = false, summary = false }: DiffOptions,
): void {
  switch (output) {
    case "json":
      return out.line(JSON.stringify({ kustomizations: reports }, undefined, 2));
    case "markdown":
      return out.line(reportMarkdown(reports).trimEnd());
    case "text":
      for (const line of reportText(reports, detailOf(stat, summary), out.style)) out.line(line);
  }
}

function detailOf(stat: boolean, summary: boolean): Detail {
  if (summary) return "summary";
  return stat ? "stat" : "all";
}
