import { toolchainConfig } from "./config.ts";
import { namedByEnvironment } from "./lookup.ts";
import type { BinaryName } from "./parts.ts";

export interface BinaryOptions {
  signal?: AbortSignal;
}

/** @throws Error when the binary is not to be had */
export async function binary(name: BinaryName, options: BinaryOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  const path = await namedByEnvironment(name, toolchainConfig());
  if (path === undefined) throw new Error(`there is no ${name}: set KUBEBUILDER_ASSETS`);
  return path;
}
