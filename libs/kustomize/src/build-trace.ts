import { Fault } from "@leat/api";
import { withDecryption } from "./decryption.ts";
import { diagnose } from "./diagnose.ts";
import type { Fields } from "./fields.ts";
import { type KustomizationFile, renderKustomization } from "./kustomization-file.ts";
import type { Manifests } from "./manifests.ts";
import { type BuiltObject, originAnnotation, readObjects } from "./objects.ts";
import { rejectRoundedIntegers } from "./rounded-integers.ts";
import { Rejection } from "./rejection.ts";
import type { Trace } from "./trace-state.ts";

/** Runs kustomize on a trace with these texts in place of its kustomization files. */
export type Render = (trace: Trace, written: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<Manifests>;

export interface Built {
  objects: readonly BuiltObject[];
  /** Size of the manifests as kustomize wrote them. */
  bytes: number;
}

/**
 * Builds what was traced, and learns of each object which file it comes from.
 *
 * @throws Rejection, also for what kustomize rejects
 */
export async function buildTrace(trace: Trace, render: Render, signal: AbortSignal): Promise<Built> {
  if (trace.empty) return { objects: [], bytes: 0 };
  return withDecryption(trace, signal, async (opened, secrets) => {
    try {
      const built = await buildObjects(opened, render, signal);
      // Which object got which of them, nobody can tell after patches and generators.
      return secrets.length === 0
        ? built
        : { ...built, objects: built.objects.map((one) => withSecrets(one, secrets)) };
    } catch (error) {
      // Ours says more where it is a resource that is at fault.
      if (error instanceof Rejection || (error instanceof Fault && error.isExhaustion)) await diagnose(opened, signal);
      throw error;
    }
  });
}

function withSecrets(built: BuiltObject, secrets: readonly string[]): BuiltObject {
  return Object.freeze({ ...built, secrets });
}

/** Builds a directory whose objects configure plugins. */
export async function buildPluginConfig(trace: Trace, render: Render, signal: AbortSignal): Promise<readonly Fields[]> {
  return withDecryption(trace, signal, async (opened) => {
    const manifests = await render(opened, opened.written, signal);
    const { objects } = await readObjects(manifests, { directory: opened.directory, keepOrigins: true, signal });
    return objects.map(({ object }) => object);
  });
}

async function buildObjects(trace: Trace, render: Render, signal: AbortSignal): Promise<Built> {
  const { directory, kustomization, openObject } = trace;
  const asWritten = async (): Promise<Built> => {
    const manifests = await render(trace, trace.written, signal);
    const { objects } = await readObjects(manifests, { directory, keepOrigins: true, openObject, signal });
    await rejectRoundedIntegers(objects, manifests.files, signal);
    return { objects, bytes: manifests.text.length };
  };
  if (metadataOf(kustomization).includes(originOption)) return asWritten();
  const manifests = await render(trace, withOrigins(trace), signal);
  const { objects, origins } = await readObjects(manifests, { directory, keepOrigins: false, openObject, signal });
  await rejectRoundedIntegers(objects, manifests.files, signal);
  // More marks than those just taken out: a transformer has copied one. Then the files stay unknown.
  const marks = manifests.text.split(originAnnotation).length - 1;
  return marks === origins ? { objects, bytes: manifests.text.length } : asWritten();
}

const originOption = "originAnnotations";

/** The same texts, but that the kustomization of the directory itself asks for origins. */
function withOrigins({ kustomization, kustomizationFile, written }: Trace): ReadonlyMap<string, string> {
  const buildMetadata = [...metadataOf(kustomization), originOption];
  return new Map(written).set(kustomizationFile, renderKustomization({ ...kustomization, buildMetadata }));
}

function metadataOf({ buildMetadata }: KustomizationFile): readonly unknown[] {
  return Array.isArray(buildMetadata) ? buildMetadata : [];
}
