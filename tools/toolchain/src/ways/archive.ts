import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const blockBytes = 512;
const maxUnpackedBytes = 1024 * 1024 * 1024;

/**
 * One file of a `.tar.gz`, in the format ustar.
 *
 * @throws Error where the archive is broken or has no such file
 */
export async function memberOf(archive: Uint8Array, path: string): Promise<Buffer> {
  const tar = await promisify(gunzip)(archive, { maxOutputLength: maxUnpackedBytes });
  for (let at = 0; at + blockBytes <= tar.length;) {
    const size = Number.parseInt(text(tar, at + 124, 12), 8) || 0;
    const start = at + blockBytes;
    if (text(tar, at, 100).replace(/^\.\//, "") === path) return tar.subarray(start, start + size);
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  throw new Error(`the archive has no ${path}`);
}

function text(tar: Buffer, start: number, length: number): string {
  const field = tar.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
}
