import { posix } from "node:path";
import { isRemote, lookUp, rejectRemote, unusable } from "./resource-entry.ts";
import { checkInlineEntries } from "./inline.ts";
import {
  kustomizationNames,
  type KustomizationFile,
  parseKustomization,
  renderKustomization,
} from "./kustomization-file.ts";
import { type PluginSources, readPlugins, settlePatch } from "./plugins.ts";
import { pluginFields, type Reference, referencesOf } from "./references.ts";
import { Rejection } from "./rejection.ts";
import { placeOfEntry } from "./remote.ts";
import type { Repository } from "./repository.ts";
import { beingTraced, finishTrace, startTrace, type Trace, type TraceState } from "./trace-state.ts";

/** More files than this are a mistake in a path, or an attack. */
const maxFiles = 100_000;
/** More kustomizations than this, each counted as often as it is built, come to no end in a useful time. */
const maxBuilds = 10_000;

/** Adds what a kustomization names to the trace; returns the kustomization in the form in which kustomize gets it. */
export async function traceReferences(
  state: TraceState,
  kustomization: KustomizationFile,
  file: string,
): Promise<KustomizationFile> {
  const directory = directoryOf(file);
  const settled = { ...kustomization };
  // Without a field kustomize calls it empty; its entries may all be commented out.
  if (Object.keys(settled).every((field) => field === "apiVersion" || field === "kind")) settled["resources"] = [];
  checkInlineEntries(
    ["patchesStrategicMerge", ...pluginFields].flatMap((field) => settled[field]),
    file,
  );
  const references = referencesOf(settled, file);
  if (Array.isArray(settled["patchesStrategicMerge"])) {
    settled["patchesStrategicMerge"] = settled["patchesStrategicMerge"].map((entry) => settlePatch(entry, file));
  }
  for (const field of pluginFields) {
    if (settled[field] === undefined) continue;
    const plugins = await readPlugins(settled[field], { file, field }, pluginSources(state, directory));
    settled[field] = plugins.entries;
    references.push(...plugins.references);
  }
  let builds = 1;
  for (const reference of references) builds += await traceReference(state, directory, reference);
  if (builds > maxBuilds) throw tooManyBuilds(file);
  state.builds.set(directory, builds);
  state.written.set(file, renderKustomization(settled));
  if (state.linked.has(file)) throw builtAndRead(file, "another");
  return settled;
}

/** @returns how many kustomizations are built for it */
async function traceReference(state: TraceState, directory: string, reference: Reference): Promise<number> {
  state.signal.throwIfAborted();
  const { repository, noRemoteBases } = state;
  const { kind, entry, place } = reference;
  if (isRemote(repository, directory, reference)) {
    if (noRemoteBases) throw rejectRemote(entry, place, forbidden);
    state.remote = true;
    return 0;
  }
  const { path, found } = lookUp(repository, directory, entry, place);
  if (found === "directory" && kind !== "file") return traceDirectory(state, path, reference);
  if (found !== "file" || kind === "component") throw unusable(found, reference);
  addFile(state, path, reference);
  return 0;
}

function tooManyBuilds(file: string): Rejection {
  return new Rejection(
    `${file} consists of more than ${maxBuilds} kustomizations, because shared bases are built for each reference; refer to each base once`,
  );
}

const forbidden = ", but remote bases are disabled (--no-remote-bases); copy it into the repository";

async function traceDirectory(state: TraceState, directory: string, { entry, place }: Reference): Promise<number> {
  const known = state.builds.get(directory);
  if (known !== undefined) return known;
  state.builds.set(directory, beingTraced);
  const file = kustomizationOf(state.repository, directory);
  if (file === undefined) {
    throw new Rejection(
      `${place.file}: ${place.field} refers to the directory ${entry}, which has no ${kustomizationNames[0]}; add one, or list its files`,
    );
  }
  await traceReferences(state, await readKustomization(state.repository, file), file);
  return state.builds.get(directory) ?? beingTraced;
}

function addFile(state: TraceState, path: string, { kind, place, readAs }: Reference): void {
  state.linked.add(path);
  if (readAs) state.encrypted.set(path, state.encrypted.get(path) ?? readAs);
  else state.asTheyAre.add(path);
  if (kind === "resource") state.resources.add(path);
  if (state.written.has(path)) throw builtAndRead(path, place.file);
  if (state.linked.size > maxFiles) {
    throw new Rejection(`the kustomization uses more than ${maxFiles} files; narrow spec.path or its resources`);
  }
}

function builtAndRead(path: string, by: string): Rejection {
  return new Rejection(`${path} is built as a kustomization, and cannot also be a file of ${by}`);
}

function pluginSources(state: TraceState, directory: string): PluginSources {
  const { repository } = state;
  return {
    open: async (entry, place) => {
      if (placeOfEntry(entry) !== "local") throw rejectRemote(entry, place, notFetched);
      const { path, found } = lookUp(repository, directory, entry, place);
      if (found === "file") return { kind: "file", path, text: await repository.readText(path) };
      if (found === "directory") return { kind: "directory", path };
      throw unusable(found, { kind: "resource", entry, place });
    },
    build: async (path) => state.buildPlugins(await tracePlugins(state, path)),
  };
}

const notFetched = "; plugin configuration must be in the repository, copy it there";

/** The trace of a directory whose objects configure plugins: with a kustomization of its own, apart from the others. */
async function tracePlugins(state: TraceState, directory: string): Promise<Trace> {
  const { repository } = state;
  const file = kustomizationOf(repository, directory);
  if (file === undefined) {
    throw new Rejection(`${directory} has no ${kustomizationNames[0]}; add one, or list its files`);
  }
  if (state.building.has(directory)) {
    throw new Rejection(`${file} refers to itself; remove one of the entries`);
  }
  const nested = startTrace(state, new Set([...state.building, directory]));
  nested.builds.set(directory, beingTraced);
  // Plugins run in the order in which they are listed, not in that in which objects are put out.
  const declared: KustomizationFile = {
    ...(await readKustomization(repository, file)),
    sortOptions: { order: "fifo" },
  };
  const kustomization = await traceReferences(nested, declared, file);
  if (nested.remote) throw new Rejection(`${file} refers to a remote file${notFetched}`);
  return finishTrace(nested, { directory, kustomization, kustomizationFile: file, empty: false });
}

function directoryOf(file: string): string {
  const directory = posix.dirname(file);
  return directory === "." ? "" : directory;
}

/**
 * The kustomization file of a directory, where it has one.
 *
 * @throws Rejection where it has several
 */
export function kustomizationOf(repository: Repository, directory: string): string | undefined {
  const names = repository.list(directory);
  const [name, another] = kustomizationNames.filter((candidate) => names.get(candidate) === "file");
  if (another !== undefined) {
    throw new Rejection(
      `${directory === "" ? "the root" : directory} has both ${name} and ${another}; keep one of them`,
    );
  }
  return name === undefined ? undefined : posix.join(directory, name);
}

export async function readKustomization(repository: Repository, file: string): Promise<KustomizationFile> {
  return parseKustomization(await repository.readText(file), file);
}
