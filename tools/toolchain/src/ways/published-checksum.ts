import type { Release } from "../releases.ts";

const limitMs = 10_000;
const maxBytes = 256 * 1024;

/**
 * The checksum that a project publishes beside a file. It shows that the file arrived whole, and is as trustworthy as the
 * connection it came by, so it is taken from https alone.
 *
 * @throws Error where it cannot be had
 */
export async function publishedChecksum(release: Release, signal: AbortSignal | undefined): Promise<string> {
  const { checksumUrl } = release;
  if (checksumUrl === undefined) throw new Error(`the SHA-256 of ${release.url} is not known`);
  if (!checksumUrl.startsWith("https://"))
    throw new Error(`the SHA-256 of ${release.url} is not known, and one from ${checksumUrl} is not to be trusted`);
  const limit = AbortSignal.timeout(limitMs);
  const response = await fetch(checksumUrl, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
  if (!response.ok) throw new Error(`${checksumUrl}: ${response.status}`);
  const text = (await response.text()).slice(0, maxBytes);
  const checksum = checksumIn(text, fileName(release.url));
  if (checksum === undefined) throw new Error(`${checksumUrl} names no SHA-256 of ${fileName(release.url)}`);
  return checksum;
}

/** Reads both forms in use: the bare checksum, and lines of `<checksum>  <file name>`. */
export function checksumIn(text: string, name: string): string | undefined {
  const lines = text.split("\n").map((line) => /^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/.exec(line));
  return lines.find((match) => match !== null && (match[2] ?? name) === name)?.[1];
}

function fileName(url: string): string {
  return decodeURIComponent(url.slice(url.lastIndexOf("/") + 1));
}
