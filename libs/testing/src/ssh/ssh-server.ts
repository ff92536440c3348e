import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Service, startService } from "@leat/process";
import {
  createGitTestRepository,
  type GitRepositoryOptions,
  type GitTestRepository,
} from "../git/git-test-repository.ts";
import { closeServer, listenOn, portOf } from "../server/loopback.ts";
import { ownedEnvironment } from "../server/owner.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { createSshKey, type SshKey } from "./ssh-key.ts";
import { authorizedKeysFile, writeSshdConfig } from "./sshd-config.ts";
import { findSshd } from "./sshd.ts";

export interface SshServerOptions {
  /** What the server proves itself with; a new Ed25519 key if absent. */
  hostKeys?: readonly SshKey[];
  /** Public keys that may log in. */
  authorizedKeys?: readonly string[];
  /** Further settings of sshd_config, for example `{ KexAlgorithms: "curve25519-sha256" }`. */
  settings?: Readonly<Record<string, string>>;
}

/** OpenSSH's server on loopback, which serves git repositories and nothing else. */
export interface SshServer extends AsyncDisposable {
  /** With the name to log in with, that of this user; repositories are at `<url>/<name>.git`. */
  url: string;
  /** Lines for a known_hosts file, one for each host key. */
  knownHosts: string;
  /** Makes an empty repository whose HEAD is `main`. */
  createRepository: (name: string, options?: GitRepositoryOptions) => Promise<GitTestRepository>;
  /** Replaces the public keys that may log in, from the next connection on. */
  authorize: (publicKeys: readonly string[]) => Promise<void>;
  /** What sshd has logged, of all connections. */
  log: () => Promise<string>;
}

/**
 * Starts a server whose connections are served by one sshd each, as inetd does it: they end with this process.
 *
 * @throws Error if there is no sshd; `withoutSshd` says so before
 */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  await using stack = new AsyncDisposableStack();
  const program = await findSshd();
  const directory = stack.use(await openPrivateDirectory()).path;
  const hostKeys = options.hostKeys ?? [await createSshKey()];
  const configFile = await writeSshdConfig({ directory, hostKeys, settings: options.settings ?? {} });
  const authorize = (keys: readonly string[]) =>
    writeFile(authorizedKeysFile(directory), keys.map((key) => `${key}\n`).join(""), { mode: 0o600 });
  await authorize(options.authorizedKeys ?? []);
  const logFile = join(directory, "log");
  await writeFile(logFile, "");
  const server = await listen((connection) =>
    startService(program, ["-i", "-e", "-f", configFile], { env: ownedEnvironment(), connection, logFile }),
  );
  stack.use(server);
  const host = `127.0.0.1:${server.port}`;
  const url = `ssh://${userInfo().username}@${host}${directory}`;
  const running = stack.move();
  return {
    url,
    knownHosts: hostKeys.map(({ publicKey }) => `[127.0.0.1]:${server.port} ${publicKey}\n`).join(""),
    createRepository: (name, repositoryOptions) =>
      createGitTestRepository(join(directory, `${name}.git`), `${url}/${name}.git`, repositoryOptions),
    authorize,
    log: () => readFile(logFile, "utf8"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

interface Listener extends AsyncDisposable {
  port: number;
}

async function listen(serve: (connection: Socket) => Promise<Service>): Promise<Listener> {
  await prepareSeparation();
  const services = new Set<Promise<Service>>();
  // Unread, so that sshd reads it from the first byte on.
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    const starting = serve(connection);
    services.add(starting);
    starting
      .then(async ({ ended }) => ended)
      .catch(() => connection.destroy())
      .finally(() => services.delete(starting));
  });
  await listenOn(server, 0);
  return {
    port: portOf(server),
    [Symbol.asyncDispose]: async () => {
      await closeServer(server);
      await Promise.allSettled([...services].map(async (starting) => (await starting).stop()));
    },
  };
}

/** As root, sshd puts the part of it that faces the network into this directory; a booted system has it. */
async function prepareSeparation(): Promise<void> {
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
}
