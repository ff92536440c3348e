import { Fault, Reason } from "@leat/api";
import type { SandboxState } from "@leat/sandbox";
import { type Built, buildPluginConfig, buildTrace } from "./build-trace.ts";
import { type Cache, createCache } from "./cache.ts";
import type { Decryption } from "./decryption.ts";
import { createEngine, type EngineOptions } from "./engine.ts";
import { inputsOf } from "./inputs.ts";
import { type BuiltObject, digestOfAll } from "./objects.ts";
import type { Overlay } from "./overlay.ts";
import { Rejection } from "./rejection.ts";
import { createRepository, type EntryKind, type Repository, resolveSpecPath, type SourceFiles } from "./repository.ts";
import { createSingleFlight } from "./single-flight.ts";
import { trace } from "./trace.ts";
import type { Trace } from "./trace-state.ts";

export interface BuildRequest {
  /** What is known of them is remembered as long as this very object is. */
  files: SourceFiles;
  /** `spec.path`: relative to their root, which "" and "./" mean too. */
  path: string;
  overlay: Overlay;
  /** Where files or values may be encrypted; without it they are read as they are. */
  decryption?: Decryption | undefined;
}

export type Build =
  | {
      kind: "built";
      objects: readonly BuiltObject[];
      /** `sha256:<hex>` of the objects in their order. */
      digest: string;
      /** Digest of everything that was read; "" where something came from elsewhere. */
      inputs: string;
      /** Whether there is nothing at all in the directory, not even files that are no manifests. */
      isOfEmptyDirectory?: boolean;
    }
  | { kind: "pathMissing"; message: string }
  /** The files do not permit a build. The message names the file, what is wrong with it and what to change. */
  | { kind: "rejected"; message: string };

export interface Builder extends AsyncDisposable {
  /** @throws Fault `BuildFailed` where kustomize could not be run to its end; the signal's reason where it is cancelled */
  build: (request: BuildRequest, signal: AbortSignal) => Promise<Build>;
  /** What keeps a build from reading anything but its files; remote bases are fetched outside of the sandbox. */
  sandboxState: () => Promise<SandboxState>;
}

export interface BuilderOptions extends EngineOptions {
  /** Reject what would be fetched from elsewhere. */
  noRemoteBases?: boolean;
  /** Memory for finished builds, roughly; 64 MiB where nothing is said. */
  cacheBytes?: number;
}

/**
 * Makes a builder: it finds what a kustomization reads, gives kustomize that and nothing else, and remembers the
 * outcome by the digest of it.
 */
export function createBuilder(options: BuilderOptions): Builder {
  const { noRemoteBases = false, cacheBytes = defaultCacheBytes } = options;
  const builds = createCache<Build>(cacheBytes);
  const share = createSingleFlight<Build>();
  const repositoryOf = rememberRepositories();
  const engine = createEngine(options);
  const closing = new AbortController();
  const active = new Set<Promise<unknown>>();
  const track = <Result>(work: Promise<Result>): Promise<Result> => {
    active.add(work);
    const forget = () => active.delete(work);
    work.then(forget, forget);
    return work;
  };

  const build = async ({ files, path, ...asked }: BuildRequest, signal: AbortSignal): Promise<Build> => {
    const repository = repositoryOf(files);
    const directory = resolveSpecPath(path);
    const found = repository.kindOf(directory);
    if (found !== "directory") return { kind: "pathMissing", message: missing(path, found) };
    const result = orRejected(async () => {
      const buildPlugins = (nested: Trace) => buildPluginConfig(nested, engine.render, signal);
      const traced = await trace({ ...asked, repository, directory, noRemoteBases, buildPlugins, signal });
      const inputs = traced.remote ? "" : inputsOf(traced, await engine.version());
      const work = (during: AbortSignal) => buildTrace(traced, engine.render, during);
      if (inputs === "") return answer(await work(signal), inputs);
      const remembered = (during: AbortSignal) => track(remember(builds, inputs, () => work(during)));
      return builds.get(inputs) ?? share(inputs, signal, remembered);
    });
    return repository.list(directory).size === 0 ? result.then(ofEmptyDirectory) : result;
  };

  return {
    build: (request, signal) => track(build(request, AbortSignal.any([signal, closing.signal]))),
    sandboxState: engine.sandboxState,
    [Symbol.asyncDispose]: async () => {
      closing.abort(new Fault(Reason.BuildFailed, "the builder was closed"));
      await Promise.allSettled(active);
      await engine[Symbol.asyncDispose]();
    },
  };
}

function ofEmptyDirectory(build: Build): Build {
  return build.kind === "built" ? { ...build, isOfEmptyDirectory: true } : build;
}

/** The same build with other objects in place of its own. */
export function withObjects(
  build: Build & { kind: "built" },
  objects: readonly BuiltObject[],
): Build & { kind: "built" } {
  return { ...build, objects, digest: digestOfAll(objects) };
}

const defaultCacheBytes = 64 * 1024 * 1024;

/** Parsed objects take more memory than their text, by about this factor. */
const memoryPerByte = 6;

/** What a remembered build takes besides its objects. */
const overheadBytes = 1024;

function rememberRepositories(): (files: SourceFiles) => Repository {
  const repositories = new WeakMap<SourceFiles, Repository>();
  return (files) => repositories.getOrInsertComputed(files, () => createRepository(files));
}

async function orRejected(work: () => Promise<Build>): Promise<Build> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Rejection) return { kind: "rejected", message: error.message };
    if (error instanceof Fault && error.reason === Reason.InvalidYAML)
      return { kind: "rejected", message: error.message };
    throw error;
  }
}

async function remember(builds: Cache<Build>, inputs: string, work: () => Promise<Built>): Promise<Build> {
  let bytes = 0;
  const build = await orRejected(async () => {
    const built = await work();
    bytes = built.bytes * memoryPerByte;
    return answer(built, inputs);
  });
  builds.set(inputs, build, bytes + overheadBytes);
  return build;
}

function answer({ objects }: Built, inputs: string): Build {
  return { kind: "built", objects, digest: digestOfAll(objects), inputs };
}

function missing(path: string, found: EntryKind): string {
  return `spec.path ${path} ${found === "file" ? "is a file, not a directory" : "does not exist in the artifact"}`;
}
