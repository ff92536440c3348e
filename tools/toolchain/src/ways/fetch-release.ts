import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memberOf } from "./archive.ts";
import { download } from "./download.ts";
import { publishedChecksum } from "./published-checksum.ts";
import type { Release } from "../releases.ts";

export interface FetchOptions {
  /** Where unfinished downloads are kept. */
  downloads: string;
  /** Base under which files are looked for by host and path, `http://mirror` for `http://mirror/dl.k8s.io/…`. */
  mirror: string | undefined;
  onProgress: (receivedBytes: number, totalBytes: number | undefined) => void;
  signal: AbortSignal | undefined;
}

/**
 * Makes a program of a published file, whose SHA-256 must be as it is known here or, failing that, as published.
 *
 * @param target appears whole or not at all
 * @throws Error where the file cannot be had or is not what it should be
 */
export async function fetchRelease(release: Release, target: string, options: FetchOptions): Promise<void> {
  const { url, checksumUrl } = mirrored(release, options.mirror);
  const sha256 =
    release.sha256 ??
    (await publishedChecksum({ url, ...(checksumUrl === undefined ? {} : { checksumUrl }) }, options.signal));
  const file = join(options.downloads, sha256);
  await download(url, file, sha256, options);
  if (release.member !== undefined) {
    const draft = `${target}.tmp`;
    await writeFile(draft, await memberOf(await readFile(file), release.member));
    await rename(draft, target);
    await rm(file);
  } else {
    await rename(file, target);
  }
  await chmod(target, 0o755);
}

function mirrored(release: Release, mirror: string | undefined): { url: string; checksumUrl?: string } {
  const at = (url: string) => (mirror === undefined ? url : url.replace("https:/", mirror.replace(/\/$/, "")));
  const { url, checksumUrl } = release;
  return { url: at(url), ...(checksumUrl === undefined ? {} : { checksumUrl: at(checksumUrl) }) };
}
