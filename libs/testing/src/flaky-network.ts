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
  /** Resets all connections there are, and all to come. */
  reject: () => void;
  /** The connections there are stay open, but carry nothing more, in neither direction, and never end. */
  stall: () => void;
  /** As `stall`, for all connections to come too. */
  goDark: () => void;
  /** New connections are taken again, and stalled ones carry on with what was held up. */
  recover: () => void;
}

interface Pair {
  client: Socket;
  server: Socket;
}

type State = "open" | "dark" | "rejecting";

/** @param target URL of a server on this machine; that of the relay differs in its port only */
export async function startFlakyNetwork(target: string): Promise<FlakyNetwork> {
  const to = new URL(target);
  const pairs = new Set<Pair>();
  let accepted = 0;
  let state: State = "open";
  const relay = createServer((client) => {
    accepted += 1;
    if (state === "rejecting") return void client.resetAndDestroy();
    const pair = { client, server: connect(Number(to.port), to.hostname) };
    follow(pairs, pair);
    if (state === "open") carry(pair);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const turn = (next: State, each: (pair: Pair) => void) => {
    state = next;
    pairs.forEach(each);
  };
  return {
    url: `${to.protocol}//${to.hostname}:${address.port}`,
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    cut: () => pairs.forEach(destroy),
    reject: () => turn("rejecting", ({ client }) => void client.resetAndDestroy()),
    stall: () => pairs.forEach(stallPair),
    goDark: () => turn("dark", stallPair),
    recover: () => turn("open", carry),
    [Symbol.asyncDispose]: async () => {
      relay.close();
      pairs.forEach(destroy);
      await once(relay, "close");
    },
  };
}

/** Until one of the two ends, and the other with it. */
function follow(pairs: Set<Pair>, pair: Pair): void {
  pairs.add(pair);
  for (const socket of [pair.client, pair.server]) {
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      pairs.delete(pair);
      destroy(pair);
    });
  }
}

function destroy({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

function carry(pair: Pair): void {
  stallPair(pair);
  pair.client.pipe(pair.server).pipe(pair.client);
}

function stallPair({ client, server }: Pair): void {
  client.unpipe(server);
  server.unpipe(client);
  client.pause();
  server.pause();
}
