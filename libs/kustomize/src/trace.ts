import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Fields, Place } from "./fields.ts";
import { generateKustomization } from "./generate.ts";
import {
  kustomizationNames,
  type KustomizationFile,
  parseKustomization,
  renderKustomization,
} from "./kustomization-file.ts";
import { type Overlay, mergeOverlay } from "./overlay.ts";
import { readPlugins, settlePatch } from "./plugins.ts";
import { pluginFields, type Reference, referencesOf } from "./references.ts";
import { Refusal } from "./refusal.ts";
import { placeOfEntry, withoutCredentials } from "./remote.ts";
import { resolveEntry, type Repository } from "./repository.ts";

/** All that a build reads, found before it runs. */
export interface Trace {
  repository: Repository;
  /** Path in the repository of the directory that is built. */
  directory: string;
  /** The kustomization of that directory, with the overlay. */
  kustomization: KustomizationFile;
  /** Path of its file, which need not exist in the repository. */
  kustomizationFile: string;
  /** Whether there is nothing to build: kustomize would say that the kustomization is empty. */
  empty: boolean;
  /** Files that are read as they are. */
  linked: ReadonlySet<string>;
  /** Those of them that are listed as resources. */
  resources: ReadonlySet<string>;
  /** Files that are read in our own rendering: path and text. */
  written: ReadonlyMap<string, string>;
  /** Whether something is fetched from elsewhere, so that the files do not tell what comes out. */
  remote: boolean;
}

export interface TraceOptions {
  repository: Repository;
  directory: string;
  overlay: Overlay;
  noRemoteBases: boolean;
  /** Builds a directory whose objects configure plugins. */
  buildPlugins: (trace: Trace) => Promise<readonly Fields[]>;
  signal: AbortSignal;
}

interface Walk extends TraceOptions {
  linked: Set<string>;
  resources: Set<string>;
  written: Map<string, string>;
  visited: Set<string>;
  /** Directories of plugin configuration that are being built: one within itself would never end. */
  building: ReadonlySet<string>;
  remote: boolean;
}

/** More files than this are a mistake in a path, or an attack. */
const maxFiles = 100_000;

/**
 * Follows every field of the kustomization of a directory that names a file or a directory, and theirs in turn.
 *
 * @throws Refusal where an entry leads out of the repository, names nothing, or asks for what is not built
 */
export async function trace(options: TraceOptions): Promise<Trace> {
  const walk: Walk = {
    ...options,
    linked: new Set(),
    resources: new Set(),
    written: new Map(),
    visited: new Set(),
    building: new Set(),
    remote: false,
  };
  const { repository, directory, overlay } = options;
  const file = await kustomizationOf(repository, directory);
  const declared = file ? await readKustomization(walk, file) : await generateKustomization(repository, directory);
  const path = file ?? posix.join(directory, kustomizationNames[0]);
  const components = await overlaidComponents(walk);
  const kustomization = mergeOverlay(declared, overlay, components);
  walk.visited.add(directory);
  const empty = file === undefined && components.length === 0 && isEmptyList(declared["resources"]);
  return traceOf(walk, await follow(walk, kustomization, path), path, empty);
}

/** Digest of everything that the outcome depends on; "" where that is not known. */
export async function inputsOf(
  { repository, directory, linked, written, remote }: Trace,
  version: string,
): Promise<string> {
  if (remote) return "";
  const hash = createHash("sha256").update(JSON.stringify(["1", version, directory]));
  const paths = [...linked].toSorted();
  for (let start = 0; start < paths.length; start += readsAtOnce) {
    const some = paths.slice(start, start + readsAtOnce);
    const digests = await Promise.all(some.map((path) => repository.digestOf(path)));
    some.forEach((path, index) => hash.update(JSON.stringify([path, digests[index]])));
  }
  for (const [path, text] of [...written].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(JSON.stringify([path, text, "written"]));
  return `sha256:${hash.digest("hex")}`;
}

const readsAtOnce = 16;

async function kustomizationOf(repository: Repository, directory: string): Promise<string | undefined> {
  const names = await repository.list(directory);
  const [name, another] = kustomizationNames.filter((candidate) => names.get(candidate) === "file");
  if (another !== undefined) {
    throw new Refusal(
      `${directory === "" ? "the root" : directory} holds both ${name} and ${another}; keep one of them`,
    );
  }
  return name === undefined ? undefined : posix.join(directory, name);
}

async function readKustomization({ repository }: Walk, file: string): Promise<KustomizationFile> {
  return parseKustomization(await repository.readText(file), file);
}

/** Follows what the kustomization names, and adds it in the form in which kustomize gets it. */
async function follow(walk: Walk, kustomization: KustomizationFile, file: string): Promise<KustomizationFile> {
  const directory = directoryOf(file);
  const settled = { ...kustomization };
  if (Object.keys(settled).every((field) => field === "apiVersion" || field === "kind")) {
    throw new Refusal(`${file} is empty; name resources in it, or remove it`);
  }
  const references = referencesOf(settled, file);
  if (Array.isArray(settled["patchesStrategicMerge"])) {
    settled["patchesStrategicMerge"] = settled["patchesStrategicMerge"].map((entry) => settlePatch(entry, file));
  }
  for (const field of pluginFields) {
    if (settled[field] === undefined) continue;
    const plugins = await readPlugins(settled[field], { file, field }, pluginSources(walk, directory));
    settled[field] = plugins.entries;
    references.push(...plugins.references);
  }
  for (const reference of references) await followReference(walk, directory, reference);
  walk.written.set(file, renderKustomization(settled));
  return settled;
}

async function followReference(walk: Walk, directory: string, reference: Reference): Promise<void> {
  walk.signal.throwIfAborted();
  const { kind, entry, place } = reference;
  if (await isRemote(walk, directory, reference)) {
    walk.remote = true;
    return;
  }
  const path = resolve(directory, entry, place);
  const found = await walk.repository.kindOf(path);
  if (found === "file" && kind !== "component") addFile(walk, path, kind === "resource");
  else if (found === "directory" && kind !== "file") await followDirectory(walk, path, reference);
  else throw new Refusal(`${place.file}: ${place.field} names ${entry}, ${whyNot(found, kind)}`);
}

async function followDirectory(walk: Walk, directory: string, { entry, place }: Reference): Promise<void> {
  if (walk.visited.has(directory)) return;
  walk.visited.add(directory);
  const file = await kustomizationOf(walk.repository, directory);
  if (file === undefined) {
    throw new Refusal(
      `${place.file}: ${place.field} names the directory ${entry}, which holds no ${kustomizationNames[0]}; add one, or name its files`,
    );
  }
  await follow(walk, await readKustomization(walk, file), file);
}

function addFile(walk: Walk, path: string, isResource: boolean): void {
  walk.linked.add(path);
  if (isResource) walk.resources.add(path);
  if (walk.linked.size > maxFiles)
    throw new Refusal(`the kustomization reaches more than ${maxFiles} files; narrow spec.path or its resources`);
}

/** @throws Refusal for a remote entry where none is permitted */
async function isRemote(
  { repository, noRemoteBases }: Walk,
  directory: string,
  { kind, entry, place }: Reference,
): Promise<boolean> {
  const where = placeOfEntry(entry);
  if (where === "file")
    throw new Refusal(
      `${place.file}: ${place.field} is a file: URL; write a path relative to the kustomization instead`,
    );
  if (where === "local" || (where === "git" && kind === "file")) return false;
  // A file that is there is read even where its name looks like a repository's.
  if (where === "git" && kind === "resource") {
    const path = resolveEntry(directory, entry);
    if (path !== undefined && (await repository.kindOf(path)) === "file") return false;
  }
  if (!noRemoteBases) return true;
  throw new Refusal(
    `${place.file}: ${place.field} names ${withoutCredentials(entry)}, but nothing may be fetched from elsewhere (--no-remote-bases); copy it into the repository`,
  );
}

function pluginSources(walk: Walk, directory: string): Parameters<typeof readPlugins>[2] {
  const { repository } = walk;
  return {
    open: async (entry, place) => {
      if (placeOfEntry(entry) !== "local") {
        throw new Refusal(
          `${place.file}: ${place.field} names ${withoutCredentials(entry)}; configuration of plugins is read from the repository only, copy it there`,
        );
      }
      const path = resolve(directory, entry, place);
      const found = await repository.kindOf(path);
      if (found === "file") return { kind: "file", path, text: await repository.readText(path) };
      if (found === "directory") return { kind: "directory", path };
      throw new Refusal(`${place.file}: ${place.field} names ${entry}, ${whyNot(found, "resource")}`);
    },
    build: async (path) => walk.buildPlugins(await traceNested(walk, path)),
  };
}

async function traceNested(walk: Walk, directory: string): Promise<Trace> {
  const { repository } = walk;
  const file = await kustomizationOf(repository, directory);
  if (file === undefined)
    throw new Refusal(`${directory} holds no ${kustomizationNames[0]}; add one, or name its files`);
  if (walk.building.has(directory))
    throw new Refusal(`${file} is reached from itself; take one of the two entries away`);
  const building = new Set([...walk.building, directory]);
  const nested: Walk = {
    ...walk,
    building,
    linked: new Set(),
    resources: new Set(),
    written: new Map(),
    visited: new Set([directory]),
    remote: false,
  };
  // Plugins run in the order in which they are listed, not in that in which objects are put out.
  const declared: KustomizationFile = { ...(await readKustomization(nested, file)), sortOptions: { order: "fifo" } };
  const kustomization = await follow(nested, declared, file);
  if (nested.remote)
    throw new Refusal(`${file}: configuration of plugins is read from the repository only; copy what it names there`);
  return traceOf({ ...nested, directory }, kustomization, file, false);
}

function traceOf(
  { repository, directory, linked, resources, written, remote }: Walk,
  kustomization: KustomizationFile,
  kustomizationFile: string,
  empty: boolean,
): Trace {
  return { repository, directory, kustomization, kustomizationFile, empty, linked, resources, written, remote };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

async function overlaidComponents({ repository, directory, overlay }: Walk): Promise<string[]> {
  const present: string[] = [];
  for (const [index, entry] of (overlay.components ?? []).entries()) {
    const place = { file: "the Kustomization", field: `spec.components[${index}]` };
    if (placeOfEntry(entry) !== "local")
      throw new Refusal(`${place.field} must be a relative path in the repository, not ${withoutCredentials(entry)}`);
    const path = resolve(directory, entry, place);
    if (overlay.ignoreMissingComponents && (await repository.kindOf(path)) === "missing") continue;
    present.push(entry);
  }
  return present;
}

function resolve(directory: string, entry: string, { file, field }: Place): string {
  const path = resolveEntry(directory, entry);
  if (path !== undefined) return path;
  const what = posix.isAbsolute(entry) ? "is an absolute path" : "leads out of the repository";
  throw new Refusal(
    `${file}: ${field} names ${entry}, which ${what}; name something in the repository by a relative path`,
  );
}

function whyNot(found: string, kind: Reference["kind"]): string {
  if (found === "missing") return "which does not exist in the repository; correct the path or add it";
  if (found === "link")
    return "which is, or is reached through, a symbolic link; links are not followed, name its target";
  if (found === "directory") return "which is a directory; name a file";
  if (found === "file" && kind === "component") return "which is a file; name the directory of the component";
  return "which is no regular file";
}

function directoryOf(file: string): string {
  const directory = posix.dirname(file);
  return directory === "." ? "" : directory;
}
