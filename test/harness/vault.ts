import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A transit engine as Vault and OpenBao have it, with one key, on a port of loopback. */
export interface TransitEngine extends AsyncDisposable {
  /** Address of the key. */
  keyUrl: string;
  token: string;
  /** While it is off, decryption is refused. */
  permits: { decrypt: boolean };
}

export async function startTransitEngine(): Promise<TransitEngine> {
  const token = "hidden-token";
  const permits = { decrypt: true };
  const sealed: string[] = [];
  const answer = (path: string, body: Record<string, string>): object | undefined => {
    if (path === "/v1/transit/encrypt/key")
      return { ciphertext: `vault:v1:${sealed.push(body["plaintext"] ?? "") - 1}` };
    if (path !== "/v1/transit/decrypt/key" || !permits.decrypt) return undefined;
    return { plaintext: sealed[Number(body["ciphertext"]?.replace("vault:v1:", ""))] };
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await text(request)) as Record<string, string>;
    const data = request.headers["x-vault-token"] === token ? answer(request.url ?? "", body) : undefined;
    response.writeHead(data ? 200 : 403, { "content-type": "application/json" });
    response.end(JSON.stringify(data ? { data } : { errors: ["permission denied"] }));
  };
  const server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    keyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/transit/keys/key`,
    token,
    permits,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
