import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { createCertificateAuthority } from "../certificates.ts";
import { closeServer, listenOn, portOf } from "../server/loopback.ts";
import type { RegistryCredentials } from "./credentials.ts";

export interface TokenServerOptions {
  credentials: RegistryCredentials;
  /** Gives tokens for pulling to clients without credentials. */
  anonymousPull: boolean;
}

/** Gives the tokens of a registry, as the specification of the distribution project says ("Token Authentication"). */
export interface TokenServer extends AsyncDisposable {
  /** What a registry must know to send clients here and to check their tokens. */
  configuration: { realm: string; service: string; issuer: string };
  /** PEM of the CA that has certified the key of the tokens. */
  ca: string;
}

const service = "registry";
const issuer = "leat test tokens";
const lifetimeSeconds = 300;

interface Access {
  type: string;
  name: string;
  actions: string[];
}

type Signer = (subject: string, access: Access[]) => string;

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const authority = createCertificateAuthority("leat test tokens");
  const { certificate, key } = authority.issue({ commonName: issuer });
  const signToken = signerWith(certificate, key);
  const server = createServer((request, response) => {
    const user = userOf(request.headers.authorization, options.credentials);
    const scopes = new URL(request.url ?? "/", "http://localhost").searchParams.getAll("scope");
    if (user === undefined || (user === "" && !options.anonymousPull)) return void response.writeHead(401).end();
    const allowed = user === "" ? ["pull"] : ["pull", "push", "delete"];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ token: signToken(user, accessOf(scopes, allowed)), expires_in: lifetimeSeconds }));
  });
  await listenOn(server, 0);
  return {
    configuration: { realm: `http://127.0.0.1:${portOf(server)}/token`, service, issuer },
    ca: authority.certificate,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** Empty without credentials, `undefined` with wrong ones. */
function userOf(authorization: string | undefined, { username, password }: RegistryCredentials): string | undefined {
  if (authorization === undefined) return "";
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return authorization === expected ? username : undefined;
}

/** @param scopes for example `repository:app/web:pull,push` */
function accessOf(scopes: readonly string[], allowed: readonly string[]): Access[] {
  return scopes.map((scope) => {
    const [type = "", name = "", actions = ""] = scope.split(":");
    return { type, name, actions: actions.split(",").filter((action) => allowed.includes(action)) };
  });
}

/** Signs JSON Web Tokens (RFC 7519) that carry the certificate of their key. */
function signerWith(certificate: string, keyPem: string): Signer {
  const key = createPrivateKey(keyPem);
  const chain = [new X509Certificate(certificate).raw.toString("base64")];
  return (subject, access) => {
    const now = Math.floor(Date.now() / 1000);
    const times = { exp: now + lifetimeSeconds, nbf: now - 10, iat: now };
    const claims = { iss: issuer, sub: subject, aud: service, ...times, jti: randomUUID(), access };
    const content = [{ typ: "JWT", alg: "ES256", x5c: chain }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
    return `${content}.${signature.toString("base64url")}`;
  };
}
