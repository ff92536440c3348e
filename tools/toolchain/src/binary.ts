import { createHash, hash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build } from "./build.ts";
import { type ToolchainConfig, toolchainConfig } from "./config.ts";
import { fetchRelease } from "./fetch-release.ts";
import { holdLock } from "./lock.ts";
import { isProgram, namedByEnvironment } from "./lookup.ts";
import { missingBinary } from "./missing-binary.ts";
import { type BinaryName, binaryNames, parts } from "./parts.ts";
import type { OnProgress } from "./progress.ts";
import { type Platform, thisPlatform } from "./releases.ts";

export interface BinaryOptions {
  /** Told what is done for a binary that the machine does not have yet. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Path of a pinned binary. Looked for in the environment (`LEAT_<NAME>`, then `KUBEBUILDER_ASSETS`) and in the cache; else
 * downloaded from the project that publishes it; else built from its pinned sources, which takes minutes.
 *
 * @throws Error where it is not to be had, with what was tried and how to mend it
 */
export async function binary(name: BinaryName, options: BinaryOptions = {}): Promise<string> {
  return resolveBinary(name, toolchainConfig(), options);
}

/** Paths of several binaries. What is missing is made in the order in which it is needed. */
export async function binaries(
  names: readonly BinaryName[],
  options: BinaryOptions = {},
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of binaryNames.filter((each) => names.includes(each))) found[name] = await binary(name, options);
  return found;
}

/** The same as `binary`, with the configuration given. */
export async function resolveBinary(
  name: BinaryName,
  config: ToolchainConfig,
  options: BinaryOptions = {},
): Promise<string> {
  options.signal?.throwIfAborted();
  const named = await namedByEnvironment(name, config);
  if (named !== undefined) return named;
  const cached = await cachedPath(name, config, thisPlatform());
  if (await isProgram(cached)) return cached;
  const onWait = (pid: number) => options.onProgress?.({ name, step: "wait", pid });
  await using _lock = await holdLock(join(config.cache, "lock"), { onWait, signal: options.signal });
  // Whoever held the lock may have made it.
  if (!(await isProgram(cached))) await make(name, cached, config, options);
  return cached;
}

async function cachedPath(name: BinaryName, config: ToolchainConfig, platform: Platform): Promise<string> {
  const { module, version, variables, library } = parts[name];
  const sources = library && (await digestOfFiles(join(config.modules, module), JSON.stringify(variables)));
  return join(config.cache, [module, version, sources, platform.replace("/", "-")].filter(Boolean).join("-"), name);
}

/** Of the paths and contents of all files below a directory; long enough to tell one state of it from another. */
async function digestOfFiles(directory: string, beside: string): Promise<string> {
  const sum = createHash("sha256").update(beside);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.toSorted())
    sum.update(`${relative(directory, file)}\0${hash("sha256", await readFile(file))}\n`);
  return sum.digest("hex").slice(0, 12);
}

async function make(
  name: BinaryName,
  target: string,
  config: ToolchainConfig,
  { onProgress, signal }: BinaryOptions,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const release = config.releaseOf(name, thisPlatform());
  const fetchOptions = {
    downloads: join(config.cache, "downloads"),
    mirror: config.mirror,
    onProgress: (receivedBytes: number, totalBytes: number | undefined) =>
      onProgress?.({ name, step: "download", receivedBytes, totalBytes }),
    signal,
  };
  const buildOptions = {
    moduleDirectory: join(config.modules, parts[name].module),
    environment: config.environment,
    scratch: join(config.cache, "builds"),
    onProgress: (compiledPackages: number, elapsedMs: number) =>
      onProgress?.({ name, step: "build", compiledPackages, elapsedMs }),
    signal,
  };
  try {
    if (release === undefined) throw new Error(`nothing is published for ${thisPlatform()}`);
    await fetchRelease(release, target, fetchOptions);
  } catch (download) {
    signal?.throwIfAborted();
    try {
      await build(parts[name], target, buildOptions);
    } catch (error) {
      signal?.throwIfAborted();
      throw missingBinary(name, { download, build: error });
    }
  }
}
