import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../server/loopback.ts";
import { createParts } from "../server/parts.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { serverBinary } from "../server/server-binary.ts";
import type { ServerAddress } from "../server/server-request.ts";
import { startOnFreePort } from "../server/start-on-free-port.ts";
import { type BucketServer, bucketServerAt } from "./bucket.ts";
import { type BucketCredentials, requestS3 } from "./s3-request.ts";

/** Whose tokens the server takes. */
export interface TokenIssuer {
  /** Claim `iss`. */
  issuer: string;
  /** Claim `aud`. */
  audience: string;
  /** Where its keys are (RFC 7517); loopback and http will do. */
  jwksUri: string;
}

/** A bucket server with a security token service: `POST <url>` with `Action=AssumeRoleWithWebIdentity`. */
export interface StsBucketServer extends BucketServer {
  /** A role for tokens of the issuer: it reads all buckets, and writes none. */
  roleArn: string;
}

const startLimitMs = 60_000;
const roleArn = "arn:aws:iam::role/reader";

/**
 * SeaweedFS. It takes three seconds to start; without STS, `startBucketServer` is quicker.
 *
 * @throws Error if its program is missing or does not start
 */
export async function startStsBucketServer(issuer: TokenIssuer, signal?: AbortSignal): Promise<StsBucketServer> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory()).path;
  const credentials: BucketCredentials = { accessKeyId: "leat", secretAccessKey: randomBytes(20).toString("hex") };
  await writeConfig(directory, issuer, credentials);
  const sockets = stack.adopt(new Array<string>(), async (paths) => {
    for (const path of paths) await rm(path, { force: true });
  });
  const parts = stack.use(createParts(directory));
  const addressOn = (port: number) => ({ url: `http://127.0.0.1:${port}` });
  const { port } = await startOnFreePort(parts, {
    name: "weed",
    program: await serverBinary("weed", signal),
    args: async (free) => {
      const ports = await innerPorts();
      sockets.push(...socketsOf(ports));
      return flagsOf(directory, free, ports);
    },
    isReady: (free) => takesObjects(addressOn(free), credentials),
    timeoutMs: startLimitMs,
    signal,
  });
  return { ...bucketServerAt(addressOn(port), credentials, stack.move()), roleArn };
}

/** Its parts find one another only after it has begun to answer. */
async function takesObjects(address: ServerAddress, credentials: BucketCredentials): Promise<boolean> {
  await requestS3(address, credentials, { method: "PUT", path: "/ready" });
  const { status } = await requestS3(address, credentials, { method: "PUT", path: "/ready/ready", body: "ready" });
  return status === 200;
}

/** Flags of the ports that nobody but itself uses. */
const innerPortFlags = [
  "master.port",
  "master.port.grpc",
  "volume.port",
  "volume.port.grpc",
  "filer.port",
  "filer.port.grpc",
  "s3.port.grpc",
] as const;

type InnerPorts = Record<(typeof innerPortFlags)[number], number>;

async function innerPorts(): Promise<InnerPorts> {
  const entries = await Promise.all(innerPortFlags.map(async (flag) => [flag, await freePort()] as const));
  return Object.fromEntries(entries) as InnerPorts;
}

/** It makes these whatever TMPDIR says, and leaves them when it is killed. */
function socketsOf(ports: InnerPorts): string[] {
  return (["master", "volume", "filer", "s3"] as const).map(
    (part) => `/tmp/seaweedfs-${part}-grpc-${ports[`${part}.port.grpc`]}.sock`,
  );
}

function flagsOf(directory: string, port: number, ports: InnerPorts): string[] {
  return [
    "-logtostderr=true",
    "server",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    `-dir=${join(directory, "data")}`,
    "-master.volumeSizeLimitMB=64",
    "-filer",
    `-filer.localSocket=${join(directory, "filer.sock")}`,
    "-s3",
    `-s3.port=${port}`,
    `-s3.localSocket=${join(directory, "s3.sock")}`,
    `-s3.config=${join(directory, "users.json")}`,
    `-s3.iam.config=${join(directory, "iam.json")}`,
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    ...innerPortFlags.map((flag) => `-${flag}=${ports[flag]}`),
  ];
}

async function writeConfig(directory: string, issuer: TokenIssuer, credentials: BucketCredentials): Promise<void> {
  await mkdir(join(directory, "data"));
  const owner = {
    name: "owner",
    credentials: [{ accessKey: credentials.accessKeyId, secretKey: credentials.secretAccessKey }],
    actions: ["Admin", "Read", "Write", "List", "Tagging"],
  };
  await writeFile(join(directory, "users.json"), JSON.stringify({ identities: [owner] }), { mode: 0o600 });
  await writeFile(join(directory, "iam.json"), JSON.stringify(iamOf(issuer)), { mode: 0o600 });
}

/** Who may take on the role, and what it may do. */
function iamOf({ issuer, audience, jwksUri }: TokenIssuer): object {
  const version = "2012-10-17";
  const config = { issuer, clientId: audience, jwksUri };
  const reading = { Effect: "Allow", Action: ["s3:Get*", "s3:List*"], Resource: ["*"] };
  const trusting = { Effect: "Allow", Principal: { Federated: "*" }, Action: ["sts:AssumeRoleWithWebIdentity"] };
  return {
    sts: {
      tokenDuration: "1h",
      maxSessionLength: "12h",
      issuer: "sts",
      signingKey: randomBytes(32).toString("base64"),
    },
    providers: [{ name: "issuer", type: "oidc", enabled: true, config }],
    policy: { defaultEffect: "Deny", storeType: "memory" },
    policies: [{ name: "read", document: { Version: version, Statement: [reading] } }],
    roles: [
      {
        roleName: "reader",
        roleArn,
        trustPolicy: { Version: version, Statement: [trusting] },
        attachedPolicies: ["read"],
      },
    ],
  };
}
