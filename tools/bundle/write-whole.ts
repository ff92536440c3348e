import { rename, writeFile } from "node:fs/promises";

/** Replaces a file at once: another process may run it, or make the same. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, text);
  await rename(beside, path);
}
