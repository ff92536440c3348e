import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Fault } from "@leat/api";

export interface Endpoint extends AsyncDisposable {
  /** Where it listens; the port is the real one where 0 was asked for. */
  port: number;
}

/**
 * Listens on a Go-style address: `:8080`, `127.0.0.1:0`.
 *
 * @throws Fault `ListenFailed` where the address is taken or no address
 */
export async function listen(address: string, handler: RequestListener): Promise<Endpoint> {
  const match = /^(.*):([0-9]+)$/.exec(address);
  if (!match) throw new Fault("ListenFailed", `${address} is not a valid address: expected host:port or :port`);
  const server = createServer(handler);
  try {
    server.listen({ port: Number(match[2]), ...(match[1] && { host: match[1].replace(/^\[|\]$/g, "") }) });
    await once(server, "listening");
  } catch (cause) {
    throw new Fault("ListenFailed", `cannot listen on ${address}: ${(cause as Error).message}`, { cause });
  }
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
