import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { listenOn, portOf } from "./server/loopback.ts";

/** An HTTP proxy on loopback that forwards plain requests, and opens tunnels. */
export interface Proxy extends AsyncDisposable {
  /** Without credentials. */
  url: string;
  /** `host:port` of every request and tunnel that it permitted, as the client named it. */
  targets: readonly string[];
  /** Number of requests without credentials, or with wrong ones. */
  rejected: () => number;
}

export interface ProxyOptions {
  /** `username:password` that it requires; none if absent. */
  credentials?: string;
  /** `host:port` by the `host:port` that only this proxy can resolve. May be changed at any time. */
  hosts?: ReadonlyMap<string, string>;
}

export async function startProxy({ credentials, hosts = new Map() }: ProxyOptions = {}): Promise<Proxy> {
  const targets: string[] = [];
  const open = new Set<Socket>();
  let rejected = 0;
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
  const allows = ({ headers }: IncomingMessage, target: string) => {
    const isAllowed = wanted === undefined || headers["proxy-authorization"] === wanted;
    if (isAllowed) targets.push(target);
    else rejected++;
    return isAllowed;
  };
  const server = createServer((message, response) => {
    const url = new URL(message.url ?? "");
    const target = `${url.hostname}:${url.port || 80}`;
    if (allows(message, target)) forward(url, hosts.get(target) ?? target, message, response);
    else response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
  });
  server.on("connection", (socket: Socket) => keep(open, socket));
  server.on("connect", (message: IncomingMessage, socket: Socket) => {
    const target = message.url ?? "";
    if (allows(message, target)) keep(open, tunnel(hosts.get(target) ?? target, socket));
    else socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n");
  });
  await listenOn(server, 0);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    targets,
    rejected: () => rejected,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function forward(url: URL, address: string, message: IncomingMessage, response: ServerResponse): void {
  const { "proxy-authorization": _, ...headers } = message.headers;
  const { hostname, port } = new URL(`tcp://${address}`);
  const path = `${url.pathname}${url.search}`;
  const onward = request({ hostname, port, path, method: message.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    void pipeline(answer, response).catch(() => response.destroy());
  });
  void pipeline(message, onward).catch(() => response.destroy());
}

function tunnel(address: string, socket: Socket): Socket {
  const { hostname, port } = new URL(`tcp://${address}`);
  const onward = connect({ host: hostname, port: Number(port) }, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(onward).pipe(socket);
  });
  socket.on("error", () => onward.destroy());
  return onward;
}

function keep(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => open.delete(socket));
}
