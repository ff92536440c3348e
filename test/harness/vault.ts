import { type KeyObject, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { claimsOf } from "@leat/testing";

/** A transit engine as Vault and OpenBao have it, with one key, on a port of loopback. */
export interface TransitEngine extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  address: string;
  /** Address of the key. */
  keyUrl: string;
  token: string;
  /** Roles that somebody tried to log in as. */
  logins: readonly string[];
  /** While it is off, decryption is rejected. */
  permits: { decrypt: boolean };
}

/**
 * @param issuers who makes the tokens of ServiceAccounts that log in at `auth/kubernetes/login`, each in the role
 *   `<namespace>_<name>`
 */
export async function startTransitEngine(issuers: readonly KeyObject[] = []): Promise<TransitEngine> {
  const token = "hidden-token";
  const tokens = new Set([token]);
  const logins: string[] = [];
  const logIn = ({ role = "", jwt = "" }: Record<string, string>, address: string): object | undefined => {
    logins.push(role);
    const subject = claimsOf(jwt, issuers, address)?.["sub"];
    if (subject !== `system:serviceaccount:${role.replace("_", ":")}`) return undefined;
    const client_token = `hidden-${randomUUID()}`;
    tokens.add(client_token);
    return { auth: { client_token } };
  };
  const permits = { decrypt: true };
  const plaintexts: string[] = [];
  const answer = (path: string, body: Record<string, string>): object | undefined => {
    if (path === "/v1/transit/encrypt/key")
      return { data: { ciphertext: `vault:v1:${plaintexts.push(body["plaintext"] ?? "") - 1}` } };
    if (path !== "/v1/transit/decrypt/key" || !permits.decrypt) return undefined;
    return { data: { plaintext: plaintexts[Number(body["ciphertext"]?.replace("vault:v1:", ""))] } };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await text(request)) as Record<string, string>;
    const { url = "", headers } = request;
    const isKnown = tokens.has(String(headers["x-vault-token"]));
    const given = url === loginUrl ? logIn(body, `http://${headers.host}`) : isKnown ? answer(url, body) : undefined;
    response.writeHead(given ? 200 : 403, { "content-type": "application/json" });
    response.end(JSON.stringify(given ?? { errors: ["permission denied"] }));
  };
  const server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    keyUrl: `${address}/v1/transit/keys/key`,
    token,
    logins,
    permits,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const loginUrl = "/v1/auth/kubernetes/login";
