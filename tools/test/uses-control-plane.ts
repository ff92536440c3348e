import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const calls = /\b(?:startControlPlane|sharedControlPlane|startHarness|sharedHarness)\(/;
const relativeImports = /^(?:import|export|\}).*"(\.[^"]+)";?$/gm;

/** Returns those of the files that call for a control plane, in themselves or in a module of their package that they import. */
export async function usingControlPlane(root: string, files: readonly string[]): Promise<string[]> {
  const sources = new Map<string, Promise<string>>();
  const read = (path: string) => sources.getOrInsertComputed(path, () => readFile(path, "utf8").catch(() => ""));
  const uses = async (path: string, seen: Set<string>): Promise<boolean> => {
    if (seen.has(path)) return false;
    seen.add(path);
    const text = await read(path);
    if (calls.test(text)) return true;
    for (const [, imported = ""] of text.matchAll(relativeImports)) {
      if (await uses(join(dirname(path), imported), seen)) return true;
    }
    return false;
  };
  const found = await Promise.all(files.map((file) => uses(join(root, file), new Set())));
  return files.filter((_, index) => found[index]);
}
