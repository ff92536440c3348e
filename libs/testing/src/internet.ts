import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { createSecureContext, type SecureContext } from "node:tls";
import { type CertificateAuthority, createCertificateAuthority } from "./certificates.ts";
import { closeServer, listenOn, portOf } from "./server/loopback.ts";

/** Every host that there is, for who goes through the proxy and trusts the authority. */
export interface Internet extends AsyncDisposable {
  /** URL of the proxy. */
  proxy: string;
  /** PEM of the authority that vouches for all hosts. */
  ca: string;
  requests: readonly InternetRequest[];
}

export interface InternetRequest {
  method: string;
  url: URL;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface InternetAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body: string | object;
}

type Answer = (request: InternetRequest) => InternetAnswer | undefined | Promise<InternetAnswer | undefined>;

/** Stands for all servers of the internet, over TLS and without. A host that nothing is answered for gives 502. */
export async function startInternet(answer: Answer): Promise<Internet> {
  const authority = createCertificateAuthority();
  const requests: InternetRequest[] = [];
  const handle = handler(answer, requests);
  const secure = createTlsServer(
    { SNICallback: everyHost(authority) },
    (incoming, response) => void handle(incoming, response, `https://${incoming.headers.host}`),
  );
  const proxy = createServer((incoming, response) => void handle(incoming, response, "http://nobody.invalid"));
  const open = new Set<Socket>();
  proxy.on("connect", (_: IncomingMessage, socket: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    secure.emit("connection", socket);
  });
  await listenOn(proxy, 0);
  return {
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    ca: authority.certificate,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      secure.closeAllConnections();
      await closeServer(proxy);
    },
  };
}

/** Keeps each request with its body, and writes what is answered. */
function handler(answer: Answer, requests: InternetRequest[]) {
  return async (incoming: IncomingMessage, response: ServerResponse, base: string): Promise<void> => {
    const url = new URL(incoming.url ?? "/", base);
    const headers = incoming.headers as Record<string, string>;
    const request = { method: incoming.method ?? "GET", url, headers, body: await text(incoming) };
    requests.push(request);
    const { status = 200, headers: own, body } = (await answer(request)) ?? { status: 502, body: "no such host" };
    const content = typeof body === "string" ? body : JSON.stringify(body);
    const type = typeof body === "string" ? "text/plain" : "application/json";
    response.writeHead(status, { "content-type": type, ...own }).end(content);
  };
}

/** Makes certificates for the hosts that are asked for. */
function everyHost(authority: CertificateAuthority) {
  const contexts = new Map<string, SecureContext>();
  return (host: string, done: (error: null, context: SecureContext) => void) => {
    const context = contexts.getOrInsertComputed(host, () => {
      const { certificate, key } = authority.issue({ commonName: host.slice(0, 64), hosts: [host] });
      return createSecureContext({ cert: certificate, key });
    });
    done(null, context);
  };
}
