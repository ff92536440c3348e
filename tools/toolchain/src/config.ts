import { homedir } from "node:os";
import { join } from "node:path";
import type { BinaryName } from "./parts.ts";
import type { Platform } from "./platform.ts";
import { type Release, releaseOf } from "./releases.ts";

/** Where binaries may be looked for and put, from the environment. */
export interface ToolchainConfig {
  /** Path of this one binary: `LEAT_ETCD`, `LEAT_KUBE_APISERVER`, … */
  explicit: (name: BinaryName) => string | undefined;
  /** Directory with binaries of any of the names: `KUBEBUILDER_ASSETS`. */
  assets: string | undefined;
  /** `$XDG_CACHE_HOME/leat/toolchain`, else `~/.cache/leat/toolchain`. */
  cache: string;
  /** The published file with a binary. */
  releaseOf: (name: BinaryName, platform: Platform) => Release | undefined;
  /** Base of a mirror of the releases, by host and path: `LEAT_TOOLCHAIN_MIRROR`. */
  mirror: string | undefined;
  /** Directory of the Go modules that pin the sources. */
  modules: string;
  /** For go and pip: PATH, HOME, GOPROXY, PIP_INDEX_URL and the like. */
  environment: Record<string, string>;
}

export function toolchainConfig(environment: NodeJS.ProcessEnv = process.env): ToolchainConfig {
  const cacheHome = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return {
    explicit: (name) => environment[explicitVariable(name)] || undefined,
    assets: environment["KUBEBUILDER_ASSETS"] || undefined,
    cache: join(cacheHome, "leat", "toolchain"),
    releaseOf,
    mirror: environment["LEAT_TOOLCHAIN_MIRROR"] || undefined,
    modules: join(import.meta.dirname, "..", "modules"),
    environment: Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

/** Name of the environment variable that gives the path of a binary. */
export function explicitVariable(name: BinaryName): string {
  return `LEAT_${name.toUpperCase().replaceAll("-", "_")}`;
}
