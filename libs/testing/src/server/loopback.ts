import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Listens on 127.0.0.1, on a free port where `port` is 0. */
export async function listenOn(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

/** Stops listening and closes the connections there are; does nothing where it does not listen. */
export async function closeServer(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections?.();
  await closed;
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** A port that was free a moment ago; another process may take it first, so its user must be ready to try again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await listenOn(server, 0);
  const port = portOf(server);
  await closeServer(server);
  return port;
}
