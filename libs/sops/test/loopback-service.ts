import { type KeyObject, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before } from "node:test";
import { createHttp, type Http } from "@leat/http";

export interface ServiceRequest {
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: string;
}

export interface ServiceAnswer {
  status?: number;
  body: object;
}

/** A service that answers with JSON on a port of loopback. */
export interface LoopbackService {
  readonly url: string;
  requests: ServiceRequest[];
}

/** What the tests of a suite speak to, while they run. */
export interface ServiceFixture {
  http: Http;
  service: LoopbackService;
}

/** Has a service, and a client for it, for the tests of the suite that calls it. */
export function useService(answer: (request: ServiceRequest) => ServiceAnswer): ServiceFixture {
  const requests: ServiceRequest[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? "/", "http://service");
    const request: ServiceRequest = {
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers as Record<string, string>,
      body: await text(incoming),
    };
    requests.push(request);
    const { status = 200, body } = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const server = createServer((incoming, response) => void handle(incoming, response));
  const http = createHttp();
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    await http[Symbol.asyncDispose]();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  const service = {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    requests,
  };
  return { http, service };
}

/** A key service's encryption that keeps the plain text instead. */
export function encryption(): {
  encrypt: (plain: string) => string;
  decrypt: (encrypted: string) => string | undefined;
} {
  const kept = new Map<string, string>();
  return {
    encrypt: (plain) => {
      const encrypted = Buffer.from(`encrypted-${kept.size}`).toString("base64");
      kept.set(encrypted, plain);
      return encrypted;
    },
    decrypt: (encrypted) => kept.get(encrypted),
  };
}

export function bodyOf({ body }: ServiceRequest): Record<string, string> {
  return JSON.parse(body);
}

/** What a JSON web token says, where the key has signed it. */
export function tokenSignedBy(
  key: KeyObject,
  token: string | null,
): { header: Record<string, unknown>; claims: Record<string, unknown> } | undefined {
  const [head = "", body = "", signature = ""] = token?.split(".") ?? [];
  if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) return undefined;
  const partOf = (text_: string) => JSON.parse(Buffer.from(text_, "base64url").toString());
  return { header: partOf(head), claims: partOf(body) };
}
