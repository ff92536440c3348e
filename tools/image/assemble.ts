import { chmod, copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Controller } from "@leat/controllers";
import { binary } from "@leat/toolchain";
import { bundleProgram } from "../bundle/bundle-program.ts";
import { noticesOf } from "../bundle/notices.ts";
import { small } from "../bundle/programs.ts";
import { bundleDirectory, bundleName, nodePath, user } from "./container.ts";
import { gitFiles } from "./git-files.ts";
import { librariesOf } from "./libraries.ts";

/** Of the certificate authorities that the system trusts; Debian's package ca-certificates makes it. */
const authorities = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Puts all files of a controller's image below a directory: what a container of it sees as `/`. There is no shell among them, and no
 * package manager. Programs come from this machine, with the libraries that they are linked to: what the image is made for is
 * the system that this runs on.
 *
 * @throws Error where git or its libraries are not installed here
 */
export async function assembleImage(
  root: string,
  { entry, binaries, usesGit }: Controller,
  directory: string,
): Promise<void> {
  const at = (path: string) => join(directory, path);
  const put = async (from: string, path: string) => {
    await mkdir(dirname(at(path)), { recursive: true });
    await copyFile(from, at(path));
  };
  const programs = new Map([[nodePath, join(root, "node_modules/node/bin/node")]]);
  for (const name of Object.values(binaries)) programs.set(`/usr/local/bin/${name}`, await binary(name));
  if (usesGit) for (const file of await gitFiles()) programs.set(file, file);
  for (const [path, from] of programs) await put(from, path);
  for (const library of await librariesOf([...programs.values()])) await put(library, library);
  await put(authorities, authorities);

  await mkdir(at(bundleDirectory), { recursive: true });
  const program = { name: bundleName, entry, reads: [], isSplit: false, ...small };
  const { installed } = await bundleProgram(root, program, at(bundleDirectory));
  await writeFile(at(`${bundleDirectory}/third-party-licences.txt`), await noticesOf(installed));
  await cp(join(root, "LICENSE"), at(`${bundleDirectory}/LICENSE`));
  await writeFile(at("/etc/passwd"), `root:x:0:0::/:/\nleat:x:${user}:${user}::/tmp:/\n`);
  for (const writable of ["/data", "/tmp"]) {
    await mkdir(at(writable));
    await chmod(at(writable), 0o1777);
  }
}
