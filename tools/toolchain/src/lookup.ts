import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { explicitVariable, type ToolchainConfig } from "./config.ts";
import type { BinaryName } from "./parts.ts";

/**
 * A binary that the environment names: by its own variable, or in `KUBEBUILDER_ASSETS`, which need not hold all of them.
 *
 * @throws Error where its own variable does not name a program
 */
export async function namedByEnvironment(name: BinaryName, config: ToolchainConfig): Promise<string | undefined> {
  const explicit = config.explicit(name);
  if (explicit !== undefined) {
    if (await isProgram(explicit)) return explicit;
    throw new Error(`${explicitVariable(name)} is ${explicit}, which is not a program: correct it, or unset it`);
  }
  if (config.assets === undefined) return undefined;
  const asset = join(config.assets, name);
  return (await isProgram(asset)) ? asset : undefined;
}

export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not to be run.
    return false;
  }
}
