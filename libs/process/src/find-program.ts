import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/**
 * The path of a program: the name itself where it is a path, else the first executable of that name.
 *
 * @param searchPath directories, as `PATH` lists them
 */
export async function findProgram(name: string, searchPath = ""): Promise<string | undefined> {
  if (name.includes("/")) return name;
  for (const directory of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(directory, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // Absent, or not executable for this user.
    return false;
  }
}
