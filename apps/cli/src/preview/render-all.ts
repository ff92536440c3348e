import { type KubeObject, Kustomization } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";
import { asStored } from "./declarations.ts";
import type { LocalSource, LocalSources } from "./local-source.ts";
import type { Built, Rendering } from "./rendering.ts";

/** One Kustomization, built. */
export interface Rendered {
  object: Kustomization;
  source: LocalSource;
  built: Built;
}

export interface RenderAllOptions {
  rendering: Rendering;
  locals: LocalSources;
  /** The cluster; `undefined` without one. */
  kube: Kube | undefined;
  /** Patterns of files to leave out, besides what the source itself leaves out. */
  ignorePaths: readonly string[];
  /** Directories by the source that they stand for: `Kind/namespace/name`. */
  localSources: ReadonlyMap<string, string>;
  signal: AbortSignal;
}

/**
 * Builds a Kustomization from a directory, and those that it declares itself and whose source is available.
 *
 * @throws Failure
 */
export async function renderAll(root: Kustomization, path: string, options: RenderAllOptions): Promise<Rendered[]> {
  const { rendering, locals, localSources, signal } = options;
  const all: Rendered[] = [];
  const seen = new Set([keyOf(root)]);
  const waiting: Array<{ object: Kustomization; open: (ignore?: string) => Promise<LocalSource> }> = [
    { object: root, open: (ignore) => locals.directory(path, ignore) },
  ];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { object, open } = next;
    const source = await open(await ignoredIn(object, options));
    const built = await rendering.render(object, source, signal);
    all.push({ object, source, built });
    for (const nested of await nestedIn(built, object.metadata.namespace, options)) {
      const directory = localSources.get(sourceOf(nested));
      if (directory === undefined || seen.has(keyOf(nested))) continue;
      seen.add(keyOf(nested));
      waiting.push({ object: nested, open: (ignore) => locals.within(directory, nested.spec.path ?? "", ignore) });
    }
  }
  return all;
}

async function nestedIn(
  built: Built,
  namespace: string,
  { kube, localSources, signal }: RenderAllOptions,
): Promise<Kustomization[]> {
  if (localSources.size === 0) return [];
  const declared = built.objects
    .map(({ object }) => object)
    .filter(({ apiVersion, kind }) => apiVersion === Kustomization.apiVersion && kind === Kustomization.kind);
  return Promise.all(
    declared.map(async (object) => {
      const ref = {
        resource: Kustomization,
        namespace: object.metadata.namespace ?? namespace,
        name: object.metadata.name,
      };
      return asStored(object, await kube?.get(ref, { signal }), namespace);
    }),
  );
}

function keyOf({ metadata: { namespace, name } }: Kustomization): string {
  return `${namespace}/${name}`;
}

function sourceOf({ metadata, spec: { sourceRef } }: Kustomization): string {
  return `${sourceRef.kind}/${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
}

/** What the artifact of the source would leave out. */
async function ignoredIn(
  object: Kustomization,
  { kube, ignorePaths, signal }: RenderAllOptions,
): Promise<string | undefined> {
  const { sourceRef } = object.spec;
  const own =
    kube &&
    (await ignoreOf(kube, { ...sourceRef, namespace: sourceRef.namespace ?? object.metadata.namespace }, signal));
  const patterns = [own, ...ignorePaths].filter((pattern) => pattern !== undefined);
  return patterns.length === 0 ? undefined : patterns.join("\n");
}

/** `spec.ignore` of a source; nothing where it is not there, or may not be read: then its files are as they lie there. */
async function ignoreOf(
  kube: Kube,
  { kind, namespace, name }: { kind: string; namespace: string; name: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const resource = await kube.resourceOf("source.toolkit.fluxcd.io/v1", kind, { signal });
    const source = resource && (await kube.get({ resource, namespace, name }, { signal }));
    return (source?.["spec"] as { ignore?: string } | undefined)?.ignore;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** All that Kustomizations declare. */
export function objectsOf(all: readonly Rendered[]): KubeObject[] {
  return all.flatMap(({ built }) => built.objects.map(({ object }) => object));
}
