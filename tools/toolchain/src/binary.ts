import { join } from "node:path";
import { cachedPath } from "./cached-path.ts";
import { type ToolchainConfig, toolchainConfig } from "./config.ts";
import { holdLock } from "./lock.ts";
import { isProgram, namedByEnvironment } from "./lookup.ts";
import { make, type MakeOptions } from "./make.ts";
import { type BinaryName, binaryNames } from "./parts.ts";

export type BinaryOptions = MakeOptions;

/**
 * Path of a pinned binary. Looked for in the environment (`LEAT_<NAME>`, then `KUBEBUILDER_ASSETS`) and in the cache;
 * otherwise downloaded from the project that publishes it, or made from its pinned source, which can take minutes.
 *
 * @throws Error that says what was tried and how to correct it
 */
export async function binary(name: BinaryName, options: BinaryOptions = {}): Promise<string> {
  return resolveBinary(name, toolchainConfig(), options);
}

/** Paths of several binaries. Missing ones are made in the order of the parts, the control plane first. */
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
  const cached = await cachedPath(name, config);
  if (await isProgram(cached)) return cached;
  const onWait = (pid: number) => options.onProgress?.({ name, step: "wait", pid });
  await using _lock = await holdLock(join(config.cache, `lock-${name}`), { onWait, signal: options.signal });
  // Another process may have made it meanwhile.
  if (!(await isProgram(cached))) await make(name, cached, config, options);
  return cached;
}
