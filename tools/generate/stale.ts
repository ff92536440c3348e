import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedFolders } from "./files.ts";
import { mark } from "./mark.ts";

/** Paths of `files` that are absent or different below `root`, and of files that were generated once and are no more. */
export async function staleBelow(root: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of files) {
    if ((await contentOf(join(root, path))) !== content) stale.push(path);
  }
  for (const folder of generatedFolders) {
    for (const name of await namesIn(join(root, folder))) {
      const path = `${folder}/${name}`;
      if (!files.has(path) && (await contentOf(join(root, path)))?.includes(mark)) stale.push(path);
    }
  }
  return stale;
}

/** Writes the files at `paths`, and removes those that `files` does not have. */
export async function refresh(
  root: string,
  paths: readonly string[],
  files: ReadonlyMap<string, string>,
): Promise<void> {
  for (const path of paths) {
    const file = join(root, path);
    const content = files.get(path);
    if (content === undefined) {
      await rm(file);
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(absent);
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(absent);
  return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => entry.name);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
