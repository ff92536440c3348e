import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** How a git server misbehaves; `{}` is healthy. */
export interface GitFaults {
  /** Before each answer. */
  delayMs?: number;
  /** Of the body of an answer. */
  bytesPerSecond?: number;
  /** Takes the request and never answers. */
  hang?: boolean;
  /** Answers with this status and an HTML page. */
  status?: number;
  /** Answers with random bytes as if they were git's. */
  garbage?: boolean;
  /** Cuts the connection after so many bytes of the answer's body. */
  cutAfterBytes?: number;
  /** Only for requests whose path and query contain this, for example `info/refs` or `git-upload-pack`. */
  only?: string;
}

const garbageBytes = 4096;

/** @returns whether the request is answered, or left without an answer for good */
export async function misbehave(
  faults: GitFaults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!applies(faults, request)) return false;
  if (faults.hang) return true;
  if (faults.delayMs !== undefined) await delay(faults.delayMs, response);
  if (faults.status !== undefined) {
    response
      .writeHead(faults.status, { "content-type": "text/html" })
      .end(`<html><body>${faults.status}</body></html>`);
    return true;
  }
  if (faults.garbage) {
    const type =
      request.method === "POST"
        ? "application/x-git-upload-pack-result"
        : "application/x-git-upload-pack-advertisement";
    response.writeHead(200, { "content-type": type }).end(randomBytes(garbageBytes));
    return true;
  }
  if (faults.cutAfterBytes !== undefined) cutAfter(response, faults.cutAfterBytes);
  return false;
}

/** Whether a request is one that the faults are for. */
export function applies({ only }: GitFaults, request: IncomingMessage): boolean {
  return only === undefined || (request.url?.includes(only) ?? false);
}

async function delay(delayMs: number, response: ServerResponse): Promise<void> {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  await pause(delayMs, undefined, { signal: closed.signal });
}

function cutAfter(response: ServerResponse, limit: number): void {
  const write = response.write.bind(response);
  let left = limit;
  const cut = (chunk?: unknown): boolean => {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0);
    const isLast = bytes.length >= left;
    const part = bytes.subarray(0, left);
    left -= part.length;
    // The bytes before the cut must leave this process first.
    return write(part, () => isLast && response.destroy());
  };
  response.write = cut;
}
