import { type KubeObject, Kustomization } from "@leat/api";
import { manifestsOf } from "@leat/apply";
import { UsageError } from "@leat/controller";
import type { Kube } from "@leat/kube";
import { isEncrypted } from "@leat/kustomize-controller";
import { stringifyManifest } from "@leat/yaml";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { findObject } from "../cluster/find.ts";
import { objectOf } from "../cluster/kinds.ts";
import { withCluster } from "../cluster/with-cluster.ts";
import { asStored, kustomizationIn } from "./declarations.ts";
import { createMask, noMask } from "./mask.ts";
import { openPreview, type PreviewRun } from "./open-preview.ts";
import type { PreviewOptions } from "./preview-options.ts";
import type { Rendered } from "./render-all.ts";
import { subjectOf } from "./rendering.ts";
import { secretsOf } from "./secrets-of.ts";
import { openTarget } from "./targets.ts";

export interface BuildOptions extends PreviewOptions {
  dryRun?: boolean;
  showSecrets?: boolean;
  output: "yaml" | "json";
}

/** Prints the objects of a Kustomization as they would be applied, in that order. */
export async function buildAndPrint(context: Context, name: string, options: BuildOptions): Promise<void> {
  if (options.dryRun) return buildOffline(context, name, options);
  await withCluster(context, options, async (cluster) => {
    const { kube, namespace, signal } = cluster;
    const file = options.kustomizationFile;
    const declared = file === undefined ? undefined : await kustomizationIn(file, { namespace, name });
    const object = declared ?? (await findObject(cluster, objectOf(["ks", name]).kind, name));
    await print(context, asStored(object, undefined, namespace), options, { kube, signal });
  });
}

const usualNamespace = "flux-system";

async function buildOffline(context: Context, name: string, options: BuildOptions): Promise<void> {
  const { kustomizationFile: file, namespace = context.environment["LEAT_NAMESPACE"] || usualNamespace } = options;
  if (file === undefined) throw new UsageError("--dry-run does not access a cluster: set --kustomization-file");
  const object = asStored(await kustomizationIn(file, { namespace, name }), undefined, namespace);
  if (options.strictSubstitute && object.spec.postBuild?.substituteFrom?.length) {
    throw new UsageError(
      "--strict-substitute needs the values of spec.postBuild.substituteFrom, which --dry-run cannot read",
    );
  }
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(options.timeout)]);
  await print(context, object, options, { kube: undefined, signal });
}

interface Where {
  kube: Kube | undefined;
  signal: AbortSignal;
}

async function print(context: Context, root: Kustomization, options: BuildOptions, where: Where): Promise<void> {
  await using run = await openPreview(options, context, where);
  const all = await run.render(root);
  const objects: KubeObject[] = [];
  for (const rendered of all) objects.push(...(await manifestsIn(rendered, options, { ...where, run })));
  if (options.output === "yaml") {
    for (const object of objects) context.out.line(`---\n${stringifyManifest(object).trimEnd()}`);
  } else {
    const list = { apiVersion: "v1", kind: "List", metadata: {}, items: objects };
    context.out.line(JSON.stringify(list, undefined, 2));
  }
}

async function manifestsIn(
  { object, built }: Rendered,
  { showSecrets = false }: BuildOptions,
  { kube, signal, run }: Where & { run: PreviewRun },
): Promise<KubeObject[]> {
  await using target = kube && (await openTarget(kube, object, { warn: run.warn, http: run.http, signal }));
  const { name, namespace } = object.metadata;
  const request = {
    owner: { name, namespace },
    ownerGroup: Kustomization.group,
    objects: built.objects,
    isEncrypted,
    kube: target?.kube,
  };
  const found = await manifestsOf(request, signal);
  if (found.kind === "rejected") throw new Failure(`${subjectOf(object)}: ${found.message}`);
  const mask = showSecrets ? noMask : createMask(secretsOf(built.objects));
  return found.manifests.map((one) => mask.object(one.object, one.secrets));
}
