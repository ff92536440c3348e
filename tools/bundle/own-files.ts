import { cp, glob } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "rolldown";

/**
 * Modules find files of the repository by paths relative to themselves. In a bundle all modules are in one directory: there
 * `import.meta.dirname` becomes the path as before below `directory`, where those files are copied to.
 *
 * @param directory relative to that of the bundle; `undefined` for a program that reads no such files, in which `import.meta`
 *   is an error
 */
export function ownFiles(root: string, directory: string | undefined): Plugin {
  return {
    name: "own-files",
    transform: {
      filter: { code: "import.meta", id: { exclude: /\/node_modules\/|^\0/ } },
      handler(code, id) {
        const path = relative(root, id);
        if (directory === undefined) throw new Error(`${path} looks for files, of which the program is given none`);
        const place = JSON.stringify(`/${join(directory, dirname(path))}`);
        return code.replaceAll("import.meta.dirname", `(import.meta.dirname + ${place})`);
      },
    },
  };
}

/** Copies files of the repository, each with its path. */
export async function copyFiles(root: string, patterns: readonly string[], to: string): Promise<void> {
  for await (const entry of glob([...patterns], { cwd: root, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name));
    if (entry.isFile()) await cp(join(root, path), join(to, path));
  }
}
