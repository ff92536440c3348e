import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binary } from "@leat/toolchain";
import { type ApiConnection, requestApi } from "./api-request.ts";
import { type CertificateAuthority, createCertificateAuthority } from "../certificates.ts";
import { freePort } from "../server/loopback.ts";
import { type Part, PartEnded, type Parts, untilReady } from "../server/parts.ts";

export interface ApiServerOptions {
  parts: Parts;
  directory: string;
  etcdUrl: string;
  /** Path of the audit log, where one is wanted. */
  auditLog: string | undefined;
  /** Given last, so that they win. */
  flags: string[];
  signal: AbortSignal | undefined;
}

export interface ApiServer {
  connection: ApiConnection;
  /** Starts it again on the same port after `stop`; does nothing while it runs. */
  start: () => Promise<void>;
  /** SIGTERM, and SIGKILL when it is not gone after two seconds. */
  stop: () => Promise<void>;
}

const attempts = 3;
const startLimitMs = 60_000;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const program = await binary("kube-apiserver", options.signal ? { signal: options.signal } : {});
  const credentials = await writeCredentials(options);
  for (let attempt = 1; ; attempt++) {
    const server = apiServerOn(await freePort(), { program, credentials, options });
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (attempt >= attempts || !(error instanceof PartEnded && error.portTaken)) throw error;
    }
  }
}

interface Credentials {
  authority: CertificateAuthority;
  token: string;
}

interface Setting {
  program: string;
  credentials: Credentials;
  options: ApiServerOptions;
}

function apiServerOn(port: number, { program, credentials, options }: Setting): ApiServer {
  const connection = {
    url: `https://127.0.0.1:${port}`,
    token: credentials.token,
    ca: credentials.authority.certificate,
  };
  const args = apiServerFlags(port, options);
  let part: Part | undefined;
  const isReady = async () => (await requestApi(connection, { path: "/readyz" })).status === 200;
  return {
    connection,
    start: async () => {
      part ??= await options.parts.start("kube-apiserver", program, args);
      await untilReady(part, { isReady, timeoutMs: startLimitMs, signal: options.signal });
    },
    stop: async () => {
      await part?.service.stop();
      part = undefined;
    },
  };
}

async function writeCredentials({ directory, auditLog }: ApiServerOptions): Promise<Credentials> {
  const place = join(directory, "credentials");
  const authority = createCertificateAuthority("leat test cluster");
  const hosts = ["localhost", "127.0.0.1", "10.0.0.1", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const serving = authority.issue({ commonName: "kube-apiserver", hosts });
  const serviceAccounts = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const token = randomBytes(24).toString("hex");
  const files: Record<string, string> = {
    "ca.crt": authority.certificate,
    "ca.key": authority.key,
    "serving.crt": serving.certificate,
    "serving.key": serving.key,
    // SEC 1: client-go reads no PKCS #8 key here.
    "service-accounts.key": serviceAccounts.privateKey.export({ type: "sec1", format: "pem" }),
    "service-accounts.pub": serviceAccounts.publicKey.export({ type: "spki", format: "pem" }),
    "tokens.csv": `${token},admin,admin,"system:masters"\n`,
    ...(auditLog === undefined ? {} : { "audit-policy.json": auditPolicy }),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(place, name), text, { mode: 0o600 })));
  return { authority, token };
}

const auditPolicy = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", nonResourceURLs: ["/readyz*", "/healthz*", "/livez*"] }, { level: "Metadata" }],
});

function apiServerFlags(port: number, { directory, etcdUrl, auditLog, flags }: ApiServerOptions): string[] {
  const file = (name: string) => join(directory, "credentials", name);
  const audit = [`--audit-log-path=${auditLog}`, `--audit-policy-file=${file("audit-policy.json")}`];
  return [
    `--etcd-servers=${etcdUrl}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    // No Endpoints of "kubernetes": a loopback address is not allowed in one.
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    `--tls-cert-file=${file("serving.crt")}`,
    `--tls-private-key-file=${file("serving.key")}`,
    `--client-ca-file=${file("ca.crt")}`,
    `--token-auth-file=${file("tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("service-accounts.pub")}`,
    `--service-account-signing-key-file=${file("service-accounts.key")}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    "--allow-privileged=true",
    ...(auditLog === undefined ? [] : audit),
    ...flags,
  ];
}
