import { createParts } from "../server/parts.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { serverBinary } from "../server/server-binary.ts";
import { createServerCertificate, type ServerCertificate } from "../server/server-certificate.ts";
import { requestServer, type ServerAddress } from "../server/server-request.ts";
import { startOnFreePort } from "../server/start-on-free-port.ts";
import { credentials, type RegistryCredentials } from "./credentials.ts";
import { writeConfig } from "./distribution-config.ts";
import { type PushedImage, pushImage } from "./push.ts";
import { startTokenServer } from "./token-server.ts";

export interface RegistryOptions {
  /** A certificate for `localhost` and `127.0.0.1`, of a CA made for it. */
  tls?: boolean;
  /** `token` is what public registries have: the answer 401 names a server that gives tokens. */
  auth?: "basic" | "token";
  /** With `token`: there are tokens without credentials, for pulling. */
  anonymousPull?: boolean;
  signal?: AbortSignal;
}

/** A real OCI registry on loopback, in memory. */
export interface Registry extends AsyncDisposable {
  /** The start of its image references: `127.0.0.1:<port>`. */
  host: string;
  /** Without a slash at the end. */
  url: string;
  /** PEM of the CA, with TLS. */
  ca?: string;
  /** The only valid ones, with authentication. */
  credentials?: RegistryCredentials;
  /** Pushes an image, or another artifact, and returns the digest of its manifest. */
  push: (image: PushedImage) => Promise<string>;
}

const startLimitMs = 30_000;

/**
 * The registry of the distribution project. It has no referrers API: clients fall back to a tag.
 *
 * @throws Error if its program is missing or does not start
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory()).path;
  const tls = options.tls ? createServerCertificate() : undefined;
  const { auth, anonymousPull = false, signal } = options;
  const tokens = auth === "token" ? stack.use(await startTokenServer({ credentials, anonymousPull })) : undefined;
  const parts = stack.use(createParts(directory));
  const { port } = await startOnFreePort(parts, {
    name: "registry",
    program: await serverBinary("registry", signal),
    args: async (free) => [
      "serve",
      await writeConfig(directory, { port: free, tls, basicAuth: auth === "basic", tokens }),
    ],
    env: { OTEL_TRACES_EXPORTER: "none" },
    isReady: (free) => answers(addressOf(free, tls)),
    timeoutMs: startLimitMs,
    signal,
  });
  return registryAt(addressOf(port, tls), auth ? credentials : undefined, stack.move());
}

/**
 * A registry that has the referrers API, and no authentication. Its list of referrers names the media type of the config as
 * `artifactType`.
 *
 * @throws Error if its program is missing or does not start
 */
export async function startReferrersRegistry({ signal }: { signal?: AbortSignal } = {}): Promise<Registry> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory()).path;
  const parts = stack.use(createParts(directory));
  const { port } = await startOnFreePort(parts, {
    name: "ociref",
    program: await serverBinary("ociref", signal),
    args: (free) => [`-address=127.0.0.1:${free}`],
    isReady: (free) => answers(addressOf(free, undefined)),
    timeoutMs: startLimitMs,
    signal,
  });
  return registryAt(addressOf(port, undefined), undefined, stack.move());
}

function addressOf(port: number, tls: ServerCertificate | undefined): ServerAddress {
  return { url: `${tls ? "https" : "http"}://127.0.0.1:${port}`, ca: tls?.ca };
}

async function answers(address: ServerAddress): Promise<boolean> {
  const { status } = await requestServer(address, { path: "/v2/" });
  return status === 200 || status === 401;
}

function registryAt(
  address: ServerAddress,
  needed: RegistryCredentials | undefined,
  running: AsyncDisposableStack,
): Registry {
  return {
    host: new URL(address.url).host,
    url: address.url,
    ...(address.ca === undefined ? {} : { ca: address.ca }),
    ...(needed === undefined ? {} : { credentials: needed }),
    push: (image) => pushImage(address, needed, image),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
