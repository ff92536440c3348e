import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP relay to a server, that can be made to fail as networks do. TLS goes through it untouched. */
export interface FlakyNetwork extends AsyncDisposable {
  /** Where the server is reached through it. */
  url: string;
  /** Connections there have ever been. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  /** Ends all connections there are. */
  cut: () => void;
  /** The connections there are stay open, but carry nothing more, in neither direction, and never end. */
  stall: () => void;
  /** As `stall`, for all connections to come too. */
  goDark: () => void;
}

interface Pair {
  client: Socket;
  server: Socket;
}

/** @param target URL of a server on this machine; that of the relay differs in its port only */
export async function startFlakyNetwork(target: string): Promise<FlakyNetwork> {
  const to = new URL(target);
  const pairs = new Set<Pair>();
  let accepted = 0;
  let isDark = false;
  const relay = createServer((client) => {
    accepted += 1;
    const server = connect(Number(to.port), to.hostname);
    const pair = { client, server };
    pairs.add(pair);
    if (!isDark) client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        pairs.delete(pair);
        destroy(pair);
      });
    }
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const cut = () => pairs.forEach(destroy);
  const stall = () => pairs.forEach(stallPair);
  return {
    url: `${to.protocol}//${to.hostname}:${address.port}`,
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    cut,
    stall,
    goDark: () => {
      isDark = true;
      stall();
    },
    [Symbol.asyncDispose]: async () => {
      relay.close();
      cut();
      await once(relay, "close");
    },
  };
}

function destroy({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

function stallPair({ client, server }: Pair): void {
  client.unpipe(server);
  server.unpipe(client);
  client.pause();
  server.pause();
}
