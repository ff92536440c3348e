import { posix } from "node:path";
import { lookUp } from "./resource-entry.ts";
import { traceReferences, kustomizationOf, readKustomization } from "./trace-references.ts";
import { generateKustomization } from "./generate.ts";
import { kustomizationNames } from "./kustomization-file.ts";
import { type Overlay, mergeOverlay } from "./overlay.ts";
import { Rejection } from "./rejection.ts";
import { placeOfEntry, withoutCredentials } from "./remote.ts";
import type { Repository } from "./repository.ts";
import { beingTraced, finishTrace, startTrace, type Trace, type TraceInputs } from "./trace-state.ts";

export interface TraceOptions extends TraceInputs {
  /** Path in the repository of the directory that is to be built. */
  directory: string;
  overlay: Overlay;
}

/**
 * Follows every field of the kustomization of a directory that names a file or a directory, and theirs in turn.
 *
 * @throws Rejection where an entry leads out of the repository, names nothing, or asks for what is not built
 */
export async function trace(options: TraceOptions): Promise<Trace> {
  const { repository, directory, overlay } = options;
  const file = kustomizationOf(repository, directory);
  const declared = file ? await readKustomization(repository, file) : generateKustomization(repository, directory);
  const kustomizationFile = file ?? posix.join(directory, kustomizationNames[0]);
  const components = overlaidComponents(repository, directory, overlay);
  const merged = mergeOverlay(declared, overlay, components);
  const empty = file === undefined && components.length === 0 && isEmptyList(declared["resources"]);

  const state = startTrace(options);
  state.builds.set(directory, beingTraced);
  const kustomization = await traceReferences(state, merged, kustomizationFile);
  return finishTrace(state, { directory, kustomization, kustomizationFile, empty });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function overlaidComponents(repository: Repository, directory: string, overlay: Overlay): string[] {
  const present: string[] = [];
  for (const [index, entry] of (overlay.components ?? []).entries()) {
    const place = { file: "the Kustomization", field: `spec.components[${index}]` };
    if (placeOfEntry(entry) !== "local")
      throw new Rejection(`${place.field} must be a relative path in the repository, not ${withoutCredentials(entry)}`);
    const { found } = lookUp(repository, directory, entry, place);
    if (overlay.ignoreMissingComponents && found === "missing") continue;
    present.push(entry);
  }
  return present;
}
