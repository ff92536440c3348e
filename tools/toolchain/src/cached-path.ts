import { createHash, hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { ToolchainConfig } from "./config.ts";
import { type BinaryName, type GoSource, parts } from "./parts.ts";
import { thisPlatform } from "./platform.ts";

/** Where a binary is kept in the cache: another version, source or platform has another path. */
export async function cachedPath(name: BinaryName, config: ToolchainConfig): Promise<string> {
  const source = parts[name];
  const origin = source.from === "go" ? source.module : source.project;
  const state = source.from === "go" && source.library ? await digestOf(source, config) : undefined;
  const folder = [origin, source.version, state, thisPlatform().replace("/", "-")].filter(Boolean).join("-");
  return join(config.cache, folder, name);
}

/** Of all that our own `main` is built from. Twelve digits tell the states of one folder apart. */
async function digestOf({ module, variables, files }: GoSource, config: ToolchainConfig): Promise<string> {
  const directory = join(config.modules, module);
  const sum = createHash("sha256").update(JSON.stringify({ ...variables, ...files }));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const path of paths.toSorted())
    sum.update(`${relative(directory, path)}\0${hash("sha256", await readFile(path))}\n`);
  return sum.digest("hex").slice(0, 12);
}
