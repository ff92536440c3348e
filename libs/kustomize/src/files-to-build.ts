import { Rejection } from "./rejection.ts";
import type { Trace } from "./trace-state.ts";

/** A file as kustomize gets it: its path in the repository and its content. */
export interface FileToBuild {
  path: string;
  content: Buffer;
}

/**
 * All that a build reads.
 *
 * @param written the texts of the kustomization files
 * @throws Rejection where it is more than 64 MiB
 */
export async function filesToBuild(
  { repository, linked }: Trace,
  written: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<FileToBuild[]> {
  const files: FileToBuild[] = [...written].map(([path, text]) => ({ path, content: Buffer.from(text) }));
  const paths = [...linked].filter((path) => !written.has(path));
  let bytes = 0;
  for (let start = 0; start < paths.length; start += readsAtOnce) {
    signal.throwIfAborted();
    const some = paths.slice(start, start + readsAtOnce);
    const contents = await Promise.all(some.map((path) => repository.read(path, maxBytes)));
    contents.forEach((content, index) => files.push({ path: some[index] ?? "", content }));
    bytes += contents.reduce((sum, { length }) => sum + length, 0);
    if (bytes > maxBytes) throw tooMuch();
  }
  return files;
}

const readsAtOnce = 16;

const maxBytes = 64 * 1024 * 1024;

function tooMuch(): Rejection {
  return new Rejection(`the files of the kustomization are larger than ${maxBytes / 1024 / 1024} MiB; split it`);
}
