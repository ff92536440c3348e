import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createParts } from "../server/parts.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { serverBinary } from "../server/server-binary.ts";
import { createServerCertificate, type ServerCertificate } from "../server/server-certificate.ts";
import type { ServerAddress } from "../server/server-request.ts";
import { startOnFreePort } from "../server/start-on-free-port.ts";
import { type BucketServer, bucketServerAt } from "./bucket.ts";
import { type BucketCredentials, requestS3 } from "./s3-request.ts";

export interface BucketServerOptions {
  /** A certificate for `localhost` and `127.0.0.1`, of a CA made for it. */
  tls?: boolean;
  signal?: AbortSignal;
}

const startLimitMs = 30_000;

/**
 * Versity's S3 gateway over a directory.
 *
 * @throws Error if its program is missing or does not start
 */
export async function startBucketServer({ tls: withTls, signal }: BucketServerOptions = {}): Promise<BucketServer> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory()).path;
  const tls = withTls ? createServerCertificate() : undefined;
  const tlsFlags = tls ? await writeCertificate(directory, tls) : [];
  // Attributes of objects go into files, as not every file system has attributes.
  const [data = "", attributes = "", users = ""] = ["data", "attributes", "users"].map((name) => join(directory, name));
  await Promise.all([data, attributes, users].map((path) => mkdir(path)));
  const credentials: BucketCredentials = {
    accessKeyId: "leat",
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  const addressOn = (port: number): ServerAddress => ({
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    ca: tls?.ca,
  });
  const parts = stack.use(createParts(directory));
  const { port } = await startOnFreePort(parts, {
    name: "versitygw",
    program: await serverBinary("versitygw", signal),
    args: (free) => [
      "--port",
      `127.0.0.1:${free}`,
      "--iam-dir",
      users,
      ...tlsFlags,
      "posix",
      "--sidecar",
      attributes,
      data,
    ],
    env: { ROOT_ACCESS_KEY_ID: credentials.accessKeyId, ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    isReady: async (free) => (await requestS3(addressOn(free), credentials, { path: "/" })).status === 200,
    timeoutMs: startLimitMs,
    signal,
  });
  return bucketServerAt(addressOn(port), credentials, stack.move());
}

async function writeCertificate(directory: string, { cert, key }: ServerCertificate): Promise<string[]> {
  const [certFile, keyFile] = [join(directory, "server.crt"), join(directory, "server.key")];
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key, { mode: 0o600 })]);
  return ["--cert", certFile, "--key", keyFile];
}
