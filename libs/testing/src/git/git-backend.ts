import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { run } from "@leat/process";
import { gitEnvironment } from "./git-environment.ts";

const limitMs = 120_000;
const maxPackBytes = 512 * 1024 * 1024;
const maxHeadBytes = 16 * 1024;

export interface GitBackendSetting {
  /** Directory of the repositories. */
  root: string;
  /** How fast the body of the answer goes, `undefined` for as fast as it is read. */
  bytesPerSecond: number | undefined;
}

/** Answers one request of the smart HTTP protocol by `git http-backend`, a CGI program (RFC 3875). */
export async function serveGit(
  { root, bytesPerSecond }: GitBackendSetting,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const input = await bodyOf(request);
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  const answer = cgiAnswer(response, bytesPerSecond);
  const env = { ...gitEnvironment(), ...cgiEnvironment(root, request, input.length) };
  const options = {
    env,
    input,
    timeoutMs: limitMs,
    maxOutputBytes: maxPackBytes,
    signal: closed.signal,
    onOutput: answer.write,
  };
  const { exitCode, stderr } = await run("git", ["http-backend"], options);
  if (exitCode !== 0) throw new Error(`git http-backend: ${stderr.trim()}`);
  answer.end();
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const isZipped = request.headers["content-encoding"] === "gzip";
  return buffer(isZipped ? request.pipe(createGunzip()) : request);
}

function cgiEnvironment(root: string, request: IncomingMessage, length: number): Record<string, string> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const protocol = request.headers["git-protocol"];
  return {
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    CONTENT_LENGTH: String(length),
    REMOTE_USER: "test",
    REMOTE_ADDR: "127.0.0.1",
    ...(typeof protocol === "string" ? { GIT_PROTOCOL: protocol } : {}),
  };
}

/** Takes the output of a CGI program as it comes: first its head, then the body. */
function cgiAnswer(
  response: ServerResponse,
  bytesPerSecond: number | undefined,
): { write: (chunk: Buffer) => Promise<void>; end: () => void } {
  let head: Buffer | undefined = Buffer.alloc(0);
  const write = async (chunk: Buffer): Promise<void> => {
    if (head === undefined) return writeBody(response, chunk, bytesPerSecond);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0 && head.length > maxHeadBytes) throw new Error("git http-backend gave no head");
    if (end < 0) return undefined;
    const body = head.subarray(end + 4);
    writeHead(response, head.subarray(0, end).toString());
    head = undefined;
    return writeBody(response, body, bytesPerSecond);
  };
  return { write, end: () => void response.end() };
}

/** Slices of a slow answer, a second. */
const slicesPerSecond = 10;

async function writeBody(response: ServerResponse, chunk: Buffer, bytesPerSecond: number | undefined): Promise<void> {
  const sliceBytes = bytesPerSecond === undefined ? chunk.length : Math.ceil(bytesPerSecond / slicesPerSecond);
  for (let at = 0; at < chunk.length && !response.destroyed; at += sliceBytes) {
    if (bytesPerSecond !== undefined) await pause(1000 / slicesPerSecond);
    const hasRoom = response.write(chunk.subarray(at, at + sliceBytes));
    if (!hasRoom && !response.destroyed) await drained(response);
  }
}

/** Resolves when there is room again, or nobody left to write to. */
async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  const gone = once(response, "close", { signal });
  const hasRoom = once(response, "drain", { signal });
  await Promise.race([gone, hasRoom]).finally(() => settled.abort());
  await Promise.allSettled([gone, hasRoom]);
}

function writeHead(response: ServerResponse, head: string): void {
  for (const line of head.split("\r\n")) {
    const [name = "", value = ""] = line.split(/:\s*(.*)/s);
    if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.flushHeaders();
}
