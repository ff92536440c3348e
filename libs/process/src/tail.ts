import type { Readable } from "node:stream";

const maxErrorBytes = 64 * 1024;

/** Collects what a child writes to standard error: gives at most the last 64 KiB of it. */
export function tail(stderr: Readable): () => string {
  let text: Buffer = Buffer.alloc(0);
  stderr.on("data", (chunk: Buffer) => {
    text = Buffer.concat([text, chunk]);
    if (text.length > maxErrorBytes) text = text.subarray(text.length - maxErrorBytes);
  });
  return () => text.toString();
}
