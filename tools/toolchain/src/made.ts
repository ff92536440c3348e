import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PartSource } from "./parts.ts";
import type { Way } from "./progress.ts";

/** How a binary in the cache was made. */
export interface Made {
  way: Way;
  elapsedMs: number;
}

export async function recordMade(target: string, made: Made): Promise<void> {
  await writeFile(`${target}.made.json`, JSON.stringify(made));
}

/** `undefined` if nothing was recorded. */
export async function readMade(target: string): Promise<Made | undefined> {
  try {
    return JSON.parse(await readFile(`${target}.made.json`, "utf8")) as Made;
  } catch {
    return undefined;
  }
}

/** Bytes of a binary, with the files beside it. */
export async function sizeOf(target: string, source: PartSource): Promise<number> {
  const own = (await stat(target)).size;
  const folder = source.from === "go" && source.files ? join(dirname(target), source.files.folder) : undefined;
  if (folder === undefined) return own;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, own);
}
