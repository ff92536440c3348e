import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { rangeOf } from "./range.ts";

export interface ArtifactServerOptions {
  /** What is served, but for what begins with a dot. */
  directory: string;
  /** `host:port` or `:port`; port 0 takes a free one. */
  address: string;
}

/** Serves files: plain HTTP, without authentication, read only. Their digest protects them. */
export interface ArtifactServer extends AsyncDisposable {
  /** The port that is listened on. */
  port: number;
}

/** A client that takes nothing for so long is let go. */
const idleMs = 60_000;

/** @throws Error where the address cannot be listened on */
export async function startArtifactServer({ directory, address }: ArtifactServerOptions): Promise<ArtifactServer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const root = await realpath(directory);
  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: 65_000 }, (request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  server.setTimeout(idleMs);
  await listen(server, address);
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => close(server) };
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") return respond(response, 405, { allow: "GET, HEAD" });
  const path = pathOf(request.url ?? "/");
  if (path === undefined) return respond(response, 400);
  const file = await within(root, path);
  if (file === undefined) return respond(response, 404);
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isDirectory()) return path.endsWith("/") ? list(file, request, response) : redirect(path, response);
  if (!stats?.isFile()) return respond(response, 404);
  await using handle = await open(file).catch(() => undefined);
  return handle ? await sendFile({ handle, type: contentTypeOf(file) }, request, response) : respond(response, 404);
}

/** The path of a request, decoded; `undefined` for one that no file has. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? "");
    const isPlain = path.startsWith("/") && !/[\0\\]/.test(path) && !path.split("/").includes("..");
    return isPlain ? path : undefined;
  } catch {
    // Not a valid encoding.
    return undefined;
  }
}

/** The file that a path leads to, links followed; `undefined` where it is outside of the root, or nowhere. */
async function within(root: string, path: string): Promise<string | undefined> {
  if (path.split("/").some(isHidden)) return undefined;
  const file = await realpath(join(root, path)).catch(() => undefined);
  return file !== undefined && (file === root || file.startsWith(root + sep)) ? file : undefined;
}

/** What is not finished, and what is the controller's own, is in directories whose names begin with a dot. */
function isHidden(name: string): boolean {
  return name.startsWith(".");
}

interface ServedFile {
  handle: FileHandle;
  /** Content type. */
  type: string;
}

/** By extension, what Go's file server, which Flux uses, answers for such content. */
const contentTypes: Record<string, string> = {
  ".gz": "application/x-gzip",
  ".tgz": "application/x-gzip",
  ".yaml": "text/plain; charset=utf-8",
};

function contentTypeOf(path: string): string {
  return contentTypes[extname(path)] ?? "application/octet-stream";
}

async function sendFile(
  { handle, type }: ServedFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size, mtime, mtimeMs, ino } = await handle.stat();
  const etag = `"${[ino, size, Math.round(mtimeMs * 1000)].map((part) => part.toString(36)).join("-")}"`;
  const common = { etag, "last-modified": mtime.toUTCString(), "accept-ranges": "bytes" };
  if (isUnchanged(request, etag, mtime)) return void response.writeHead(304, common).end();
  const range = rangeOf(request.headers, { size, etag, modified: mtime });
  if (range === "unsatisfiable") return respond(response, 416, { "content-range": `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const headers = {
    ...common,
    "content-type": type,
    "content-length": end - start + 1,
    ...(range && { "content-range": `bytes ${start}-${end}/${size}` }),
  };
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === "HEAD" || end < start) return void response.end();
  await pipeline(createReadStream("", { fd: handle, autoClose: false, start, end }), response);
}

/** RFC 9110, section 13.2.2: the entity tag counts before the date. */
function isUnchanged({ headers }: IncomingMessage, etag: string, modified: Date): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined)
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return Math.floor(modified.getTime() / 1000) * 1000 <= since;
}

async function list(directory: string, { method }: IncomingMessage, response: ServerResponse): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries
    .filter(({ name }) => !isHidden(name))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted();
  const lines = names.map((name) => `<a href="${encodeURI(`./${name}`)}">${escapeHtml(name)}</a>\n`);
  const page = Buffer.from(
    `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join("")}</pre>\n`,
  );
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": page.length });
  response.end(method === "HEAD" ? undefined : page);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function redirect(path: string, response: ServerResponse): void {
  // Relative, so that `//host/` cannot lead elsewhere.
  const name = path.split("/").at(-1) ?? "";
  response.writeHead(301, { location: `./${encodeURIComponent(name)}/`, "content-length": 0 }).end();
}

function respond(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(`${status}\n`);
}

async function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port: Number(address.slice(colon + 1)), ...(host !== "" && { host }) }, resolve);
  await promise;
  server.off("error", reject);
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
