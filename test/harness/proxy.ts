import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";

/** An HTTP proxy on loopback that forwards requests and tunnels connections. */
export interface Proxy extends AsyncDisposable {
  /** Without credentials. */
  url: string;
  /** `host:port` of every request and tunnel that was let through. */
  targets: readonly string[];
  /** Requests that had no credentials, or wrong ones. */
  rejected: () => number;
}

/** @param credentials `username:password` that it wants */
export async function startProxy(credentials?: string): Promise<Proxy> {
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
    if (allows(message, url.host)) forward(url, message, response);
    else response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
  });
  server.on("connection", (socket: Socket) => keep(open, socket));
  server.on("connect", (message: IncomingMessage, socket: Socket) => {
    const target = message.url ?? "";
    if (allows(message, target)) keep(open, tunnel(target, socket));
    else socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    rejected: () => rejected,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function forward(url: URL, message: IncomingMessage, response: ServerResponse): void {
  const { "proxy-authorization": _, ...headers } = message.headers;
  const onward = request(url, { method: message.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    void pipeline(answer, response).catch(() => response.destroy());
  });
  void pipeline(message, onward).catch(() => response.destroy());
}

function tunnel(target: string, socket: Socket): Socket {
  const { hostname, port } = new URL(`tcp://${target}`);
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
