import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, createServer as createTlsServer, request, type ServerOptions } from "node:https";

/** An answer of the proxy itself, instead of the server's. */
export interface OwnAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface TamperingProxyOptions {
  /** URL of the API server behind it, and the file of its CA. */
  target: string;
  caFile: string;
  /** Speaks TLS with these; plain HTTP where absent. */
  tls?: ServerOptions;
  /** Said to the server instead of what the client says. */
  authorization?: string;
  /** Asked for each request; `undefined` lets it through. */
  answer?: (request: IncomingMessage) => OwnAnswer | undefined;
  /** Changes the bytes of an answer on their way back. */
  change?: (chunk: Buffer, request: IncomingMessage) => Buffer;
}

/** A proxy before a real API server, as load balancers and gateways are: some answers are its own. */
export interface TamperingProxy extends AsyncDisposable {
  url: string;
}

export async function startTamperingProxy(options: TamperingProxyOptions): Promise<TamperingProxy> {
  const agent = new Agent({ ca: await readFile(options.caFile), keepAlive: true });
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const own = options.answer?.(incoming);
    if (own === undefined) passOn(incoming, outgoing, { agent, options });
    else outgoing.writeHead(own.status, own.headers).end(own.body);
  };
  const server = options.tls === undefined ? createServer(take) : createTlsServer(options.tls, take);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${portOf(server)}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, "close");
    },
  };
}

interface Passing {
  agent: Agent;
  options: TamperingProxyOptions;
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, { agent, options }: Passing): void {
  const { method, url = "/" } = incoming;
  const { authorization } = options;
  const headers = authorization === undefined ? incoming.headers : { ...incoming.headers, authorization };
  const onward = request(new URL(url, options.target), { agent, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.on("data", (chunk: Buffer) => void outgoing.write(options.change?.(chunk, incoming) ?? chunk));
    answer.once("end", () => outgoing.end());
    answer.once("error", () => outgoing.destroy());
  });
  onward.once("error", () => outgoing.destroy());
  outgoing.once("close", () => onward.destroy());
  incoming.pipe(onward);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("an HTTP server has a port");
  return address.port;
}
