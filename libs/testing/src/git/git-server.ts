import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { serveGit } from "./git-backend.ts";
import { applies, type GitFaults, misbehave } from "./git-faults.ts";
import { createGitTestRepository, type GitRepositoryOptions, type GitTestRepository } from "./git-test-repository.ts";
import { closeServer, listenOn, portOf } from "../server/loopback.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { createServerCertificate, type ServerCertificate } from "../server/server-certificate.ts";

/** With the faults it has from the start. */
export interface GitServerOptions extends GitFaults {
  /** Asked for where it, or the token, is given. */
  basicAuth?: { username: string; password: string };
  bearerToken?: string;
  /** `true`: a certificate for `localhost` and `127.0.0.1`, of a CA made for it. */
  tls?: true | ServerCertificate;
  /** Where the repositories go instead of a new temporary directory. */
  directory?: string;
}

export interface GitRequest {
  method: string;
  /** With the query. */
  path: string;
  /** What the client asked for by `Git-Protocol`, for example `version=2`. */
  protocol: string | undefined;
  /** Scheme of the credentials, never the credentials. */
  authorization: "basic" | "bearer" | "other" | undefined;
  userAgent: string | undefined;
  /** Milliseconds since 1970. */
  time: number;
  /** `undefined` until answered. */
  status?: number;
}

/** A real git server on loopback: smart HTTP, protocol version 2, partial clones, any commit by its id, pushes. */
export interface GitServer extends AsyncDisposable {
  /** Without a slash at the end; repositories are at `<url>/<name>.git`. */
  url: string;
  /** PEM of the CA, with TLS. */
  ca?: string;
  /** Makes an empty repository whose HEAD is `main`. */
  createRepository: (name: string, options?: GitRepositoryOptions) => Promise<GitTestRepository>;
  /** All requests until now, oldest first. */
  requests: () => GitRequest[];
  /** Replaces all faults, for requests from now on. */
  setFaults: (faults: GitFaults) => void;
  /** Refuses connections until `start`, and closes those there are. */
  stop: () => Promise<void>;
  /** Listens again on the same port. */
  start: () => Promise<void>;
}

export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  await using stack = new AsyncDisposableStack();
  const root = stack.use(await openPrivateDirectory(options.directory)).path;
  const tls = options.tls === true ? createServerCertificate() : options.tls;
  let faults: GitFaults = options;
  const seen: GitRequest[] = [];
  const server = createServer(tls, (request, response) => {
    const record = recordOf(request);
    seen.push(record);
    response.once("finish", () => (record.status = response.statusCode));
    answer({ root, faults, options }, request, response).catch((error: unknown) => fail(response, error));
  });
  await listenOn(server, 0);
  stack.defer(() => closeServer(server));
  const port = portOf(server);
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  const running = stack.move();
  return {
    url,
    ...(tls ? { ca: tls.ca } : {}),
    createRepository: (name, repositoryOptions) =>
      createGitTestRepository(join(root, `${name}.git`), `${url}/${name}.git`, repositoryOptions),
    requests: () => [...seen],
    setFaults: (next) => (faults = next),
    stop: () => closeServer(server),
    start: () => listenOn(server, port),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function createServer(tls: ServerCertificate | undefined, listener: RequestListener): Server {
  return tls ? createHttpsServer({ cert: tls.cert, key: tls.key }, listener) : createHttpServer(listener);
}

interface Setting {
  root: string;
  faults: GitFaults;
  options: GitServerOptions;
}

async function answer(
  { root, faults, options }: Setting,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (await misbehave(faults, request, response)) return;
  if (isAllowed(options, request.headers.authorization))
    return serveGit(
      { root, bytesPerSecond: applies(faults, request) ? faults.bytesPerSecond : undefined },
      request,
      response,
    );
  const challenge = options.basicAuth ? 'Basic realm="git"' : "Bearer";
  response
    .writeHead(401, { "www-authenticate": challenge, "content-type": "text/plain" })
    .end("credentials are missing or wrong\n");
}

function isAllowed({ basicAuth, bearerToken }: GitServerOptions, authorization: string | undefined): boolean {
  if (basicAuth === undefined && bearerToken === undefined) return true;
  const basic = basicAuth && `Basic ${Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString("base64")}`;
  const bearer = bearerToken && `Bearer ${bearerToken}`;
  return authorization !== undefined && [basic, bearer].includes(authorization);
}

function recordOf({ method = "", url = "", headers }: IncomingMessage): GitRequest {
  const protocol = headers["git-protocol"];
  const scheme = headers.authorization?.split(" ")[0]?.toLowerCase();
  return {
    method,
    path: url,
    protocol: typeof protocol === "string" ? protocol : undefined,
    authorization: scheme === undefined || scheme === "basic" || scheme === "bearer" ? scheme : "other",
    userAgent: headers["user-agent"],
    time: Date.now(),
  };
}

/** A client that went away is no failure; for any other, the client gets the reason. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else
    response
      .writeHead(500, { "content-type": "text/plain" })
      .end(`${error instanceof Error ? error.message : String(error)}\n`);
}
