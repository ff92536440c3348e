import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * What the licences of packages ask to go with every copy of them: their text, by package and version.
 *
 * @param directories of the packages; of those that are installed twice in one version, one counts
 * @throws Error where a package tells no licence
 */
export async function noticesOf(directories: readonly string[]): Promise<string> {
  const notices = new Map<string, string>();
  for (const directory of directories) {
    const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as Manifest;
    const title = `${manifest.name} ${manifest.version} (${manifest.license})`;
    if (manifest.license === undefined) throw new Error(`${directory} tells no licence`);
    if (!notices.has(title)) notices.set(title, await textIn(directory));
  }
  const sorted = [...notices].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([title, text]) => `${title}\n${"-".repeat(title.length)}\n\n${text}\n`).join("\n");
}

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

async function textIn(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return texts.map((text) => text.trim()).join("\n\n");
}
