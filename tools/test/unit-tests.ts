import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { usingControlPlane } from "./uses-control-plane.ts";

/**
 * The test files that need no control plane, by the folder of their package ("" for the root): what nx runs, and does not run again
 * while nothing changes that they depend on.
 */
export async function unitTests(root: string, files: readonly string[]): Promise<Map<string, string[]>> {
  const others = new Set(await usingControlPlane(root, files));
  const unit = files.filter((file) => !others.has(file));
  const folders = await Promise.all(unit.map((file) => packageOf(root, dirname(file))));
  return Map.groupBy(unit, (_, index) => folders[index] ?? "");
}

async function packageOf(root: string, folder: string): Promise<string> {
  if (folder === ".") return "";
  try {
    await access(join(root, folder, "package.json"));
    return folder;
  } catch {
    return packageOf(root, dirname(folder));
  }
}
