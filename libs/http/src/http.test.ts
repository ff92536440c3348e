import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { suite, test } from "node:test";
import { createCertificateAuthority, freePort } from "@leat/testing";
import { createHttp, HttpError, type HttpRequest } from "./index.ts";

const limits: HttpRequest = { timeoutMs: 10_000, maxBytes: 1_000_000 };

suite("a request", () => {
  test("gives status, headers and body of any answer", async () => {
    await using server = await listening(
      createServer((_, response) => response.writeHead(418, { "x-is": "pot" }).end("tea")),
    );
    await using http = createHttp();
    const answer = await http.request(`${server.url}/a?b=c`, limits);
    assert.deepEqual([answer.status, answer.headers["x-is"], String(await answer.bytes())], [418, "pot", "tea"]);
  });

  test("finds connections that earlier ones have opened", async () => {
    await using server = await listening(
      createServer((request, response) => response.end(String(request.socket.remotePort))),
    );
    await using http = createHttp();
    const ports = [];
    for (let count = 0; count < 10; count++) ports.push(String(await (await http.request(server.url, limits)).bytes()));
    // The second is opened where the first is not yet known to be free again.
    assert(new Set(ports).size <= 2, ports.join());
  });

  test("fails where nobody listens, without naming credentials", async () => {
    await using http = createHttp();
    await assert.rejects(http.request("http://user:hidden@127.0.0.1:1/x?token=hidden", limits), (error) => {
      assert(error instanceof HttpError);
      assert.equal(error.code, "ECONNREFUSED");
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
  });

  test("by https fails where the server speaks http", async () => {
    await using server = await listening(createServer((_, response) => response.end()));
    await using http = createHttp();
    const { host } = new URL(server.url);
    const message = `https://${host}/: ${host} does not speak TLS; is it http://?`;
    await assert.rejects(http.request(`https://${host}/`, limits), { message });
  });

  test("is not sent with a header that would be several, and holds nothing up", async () => {
    await using server = await listening(createServer((_, response) => response.end("tea")));
    await using http = createHttp();
    const headers = { authorization: "Bearer hidden\r\nx-other: 1" };
    await assert.rejects(http.request(server.url, { ...limits, headers }), (error) => {
      assert(error instanceof HttpError);
      assert.match(error.message, /authorization/);
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
    assert.equal(String(await (await http.request(server.url, limits)).bytes()), "tea");
  });

  test("fails where the answer does not come in time", async () => {
    await using server = await listening(createServer(() => {}));
    await using http = createHttp();
    await assert.rejects(http.request(server.url, { ...limits, timeoutMs: 100 }), { code: "TIMEOUT" });
  });

  test("fails where the body does not come in time", async () => {
    await using server = await listening(createServer((_, response) => response.write("begin")));
    await using http = createHttp();
    const answer = await http.request(server.url, { ...limits, timeoutMs: 200 });
    await assert.rejects(answer.bytes(), { code: "TIMEOUT" });
  });

  test("with a limit of pauses takes a body that comes slowly, and not one that stops", async () => {
    let pieces = 0;
    const begin: RequestListener = (_, response) => {
      const timer = setInterval(() => (++pieces < 10 ? response.write("x") : response.end()), 50);
      response.once("close", () => clearInterval(timer));
    };
    await using http = createHttp();
    const patient = { ...limits, timeoutMs: 300, maxPauseMs: 300 };
    await using slow = await listening(createServer(begin));
    assert.equal((await (await http.request(slow.url, patient)).bytes()).length, 9);
    await using stopping = await listening(createServer((_, response) => response.write("begin")));
    const answer = await http.request(stopping.url, patient);
    await assert.rejects(answer.bytes(), {
      code: "TIMEOUT",
      message: `${new URL(stopping.url).href} sent nothing for 300 ms`,
    });
    await using silent = await listening(createServer(() => {}));
    await assert.rejects(http.request(silent.url, patient), { code: "TIMEOUT" });
  });

  test("fails where the body is too long", async () => {
    await using server = await listening(createServer((_, response) => response.end("x".repeat(1001))));
    await using http = createHttp();
    const answer = await http.request(server.url, { ...limits, maxBytes: 1000 });
    await assert.rejects(answer.bytes(), { code: "TOO_LONG" });
  });

  test("fails where the connection is cut", async () => {
    await using server = await listening(
      createServer((_, response) => {
        response.writeHead(200, { "content-length": 100 }).write("short");
        setImmediate(() => response.destroy());
      }),
    );
    await using http = createHttp();
    const received = http.request(server.url, limits).then((answer) => answer.bytes());
    await assert.rejects(received, HttpError);
  });

  test("throws the reason of the signal that aborts it", async () => {
    await using server = await listening(createServer(() => {}));
    await using http = createHttp();
    const controller = new AbortController();
    const reason = new Error("overtaken");
    const asked = http.request(server.url, { ...limits, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(asked, (error) => error === reason);
  });
});

suite("redirects", () => {
  const target = (request: IncomingMessage, response: ServerResponse) =>
    response.end(
      JSON.stringify({ method: request.method, path: request.url, authorization: request.headers.authorization }),
    );
  const redirecting =
    (status: number, location: string): RequestListener =>
    (request, response) =>
      request.url === "/from" ? response.writeHead(status, { location }).end() : target(request, response);
  const headers = { authorization: "Bearer secret" };

  test("are not followed unasked", async () => {
    await using server = await listening(createServer(redirecting(302, "/to")));
    await using http = createHttp();
    assert.equal((await http.request(`${server.url}/from`, limits)).status, 302);
  });

  test("keep credentials within an origin and name the last URL", async () => {
    await using server = await listening(createServer(redirecting(302, "/to")));
    await using http = createHttp();
    const answer = await http.request(`${server.url}/from`, { ...limits, headers, maxRedirects: 1 });
    assert.equal(answer.url, `${server.url}/to`);
    assert.equal(JSON.parse(String(await answer.bytes())).authorization, "Bearer secret");
  });

  test("take no credentials to another origin, nor back", async () => {
    await using other = await listening(createServer(target));
    await using server = await listening(createServer(redirecting(307, `${other.url}/to`)));
    await using http = createHttp();
    const answer = await http.request(`${server.url}/from`, { ...limits, headers, maxRedirects: 5 });
    assert.deepEqual(JSON.parse(String(await answer.bytes())), { method: "GET", path: "/to" });
  });

  test("are named where the exchange fails after one, without credentials and query", async () => {
    const free = await freePort();
    const location = `http://me:secret@127.0.0.1:${free}/to?token=secret`;
    await using server = await listening(createServer(redirecting(302, location)));
    await using http = createHttp();
    await assert.rejects(http.request(`${server.url}/from`, { ...limits, maxRedirects: 1 }), {
      code: "ECONNREFUSED",
      redirectedTo: `http://127.0.0.1:${free}/to`,
      message: `http://127.0.0.1:${free}/to: 127.0.0.1:${free} refused the connection`,
    });
    await assert.rejects(http.request(`http://127.0.0.1:${free}/`, limits), { redirectedTo: undefined });
  });

  test("end after as many as are allowed", async () => {
    await using server = await listening(createServer(redirecting(302, "/from")));
    await using http = createHttp();
    assert.equal((await http.request(`${server.url}/from`, { ...limits, maxRedirects: 3 })).status, 302);
  });

  for (const [status, method] of [
    [303, "GET"],
    [308, "POST"],
  ] as const) {
    test(`${status} of a POST is followed by a ${method}`, async () => {
      await using server = await listening(createServer(redirecting(status, "/to")));
      await using http = createHttp();
      const answer = await http.request(`${server.url}/from`, {
        ...limits,
        method: "POST",
        body: "x",
        maxRedirects: 1,
      });
      assert.equal(JSON.parse(String(await answer.bytes())).method, method);
    });
  }

  test("to an address that is not HTTP fail", async () => {
    await using server = await listening(createServer(redirecting(302, "file:///etc/passwd")));
    await using http = createHttp();
    await assert.rejects(http.request(`${server.url}/from`, { ...limits, maxRedirects: 1 }), {
      code: "ERR_INVALID_URL",
    });
  });
});

suite("TLS", () => {
  const authority = createCertificateAuthority();
  const certificate = authority.issue({ commonName: "server", hosts: ["localhost", "127.0.0.1"] });
  const server = () =>
    createTlsServer({ cert: certificate.certificate, key: certificate.key }, (_, response) => response.end("private"));

  test("rejects a server whose authority is not known", async () => {
    await using listener = await listening(server(), "https");
    await using http = createHttp();
    await assert.rejects(http.request(listener.url, limits), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });

  test("trusts a private authority", async () => {
    await using listener = await listening(server(), "https");
    await using http = createHttp({ ca: authority.certificate });
    assert.equal(String(await (await http.request(listener.url, limits)).bytes()), "private");
  });

  test("shows a client certificate", async () => {
    const options = {
      cert: certificate.certificate,
      key: certificate.key,
      ca: authority.certificate,
      requestCert: true,
    };
    const strict = createTlsServer({ ...options, rejectUnauthorized: true }, (_, response) => response.end("known"));
    await using listener = await listening(strict, "https");
    const client = authority.issue({ commonName: "client" });
    await using http = createHttp({ ca: authority.certificate, cert: client.certificate, key: client.key });
    await using stranger = createHttp({ ca: authority.certificate });
    assert.equal(String(await (await http.request(listener.url, limits)).bytes()), "known");
    await assert.rejects(stranger.request(listener.url, limits), HttpError);
  });
});

suite("a proxy", () => {
  test("may speak SOCKS5, and resolves the name", async () => {
    await using target = await listening(createServer(({ headers }, response) => response.end(headers.host)));
    await using proxy = await listening(socksServer(new URL(target.url).port));
    await using http = createHttp({ proxy: proxy.url.replace("http:", "socks5:") });
    assert.equal(String(await (await http.request("http://elsewhere.example/", limits)).bytes()), "elsewhere.example");
  });

  test("is told its credentials and carries TLS unseen", async () => {
    const authority = createCertificateAuthority();
    const { certificate: cert, key } = authority.issue({ commonName: "server", hosts: ["127.0.0.1"] });
    await using server = await listening(
      createTlsServer({ cert, key }, (_, response) => response.end("through")),
      "https",
    );
    const tunnels: Array<string | undefined> = [];
    await using proxy = await listening(tunnelling(tunnels));
    const address = proxy.url.replace("http://", "http://us%40er:pa%2Fss@");
    await using http = createHttp({ ca: authority.certificate, proxy: address });
    assert.equal(String(await (await http.request(server.url, limits)).bytes()), "through");
    assert.deepEqual(tunnels, [`Basic ${Buffer.from("us@er:pa/ss").toString("base64")}`]);
  });

  for (const host of ["127.0.0.1", "localhost"])
    test(`may speak TLS at ${host}`, async () => {
      const authority = createCertificateAuthority();
      const hosts = ["127.0.0.1", "localhost"];
      const { certificate: cert, key } = authority.issue({ commonName: "server", hosts });
      await using server = await listening(
        createTlsServer({ cert, key }, (_, response) => response.end("through")),
        "https",
      );
      const tunnels: Array<string | undefined> = [];
      await using proxy = await listening(tunnelling(tunnels, createTlsServer({ cert, key })), "https", host);
      await using http = createHttp({ ca: authority.certificate, proxy: proxy.url });
      assert.equal(String(await (await http.request(server.url, limits)).bytes()), "through");
      assert.equal(tunnels.length, 1);
    });

  test("is chosen by the target of each request, redirects included", async () => {
    await using server = await listening(createServer((_, response) => response.end("direct")));
    const redirecting = (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(307, { location: server.url }).end();
    await using proxy = await listening(createServer(redirecting));
    await using http = createHttp({ proxies: ({ host }) => (host === "elsewhere.example" ? proxy.url : undefined) });
    const answer = await http.request("http://elsewhere.example/", { ...limits, maxRedirects: 1 });
    assert.deepEqual([String(await answer.bytes()), answer.url], ["direct", `${server.url}/`]);
  });

  test("of the client itself wins over one that is chosen", async () => {
    await using proxy = await listening(createServer((_, response) => response.end("by proxy")));
    await using http = createHttp({ proxy: proxy.url, proxies: () => "http://127.0.0.1:1" });
    assert.equal(String(await (await http.request("http://elsewhere.example/", limits)).bytes()), "by proxy");
  });

  test("gets a plain request as it is, with its credentials, and no tunnel", async () => {
    const received: Array<[url?: string | undefined, credentials?: string | undefined]> = [];
    await using proxy = await listening(
      createServer(({ url, headers }, response) => {
        received.push([url, headers["proxy-authorization"]]);
        response.end("by proxy");
      }),
    );
    await using http = createHttp({ proxy: proxy.url.replace("http://", "http://only-a-user@") });
    await (await http.request("http://elsewhere.example/a?b=c", limits)).bytes();
    const credentials = `Basic ${Buffer.from("only-a-user:").toString("base64")}`;
    assert.deepEqual(received, [["http://elsewhere.example/a?b=c", credentials]]);
  });

  test("that rejects is an error which does not name its credentials", async () => {
    await using proxy = await listening(
      createServer().on("connect", (_, socket) => socket.end("HTTP/1.1 407 No\r\n\r\n")),
    );
    await using http = createHttp({ proxy: proxy.url.replace("http://", "http://user:hidden@") });
    await assert.rejects(http.request("https://git.example/", limits), (error) => {
      assert(error instanceof HttpError && error.proxy === new URL(proxy.url).host);
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
  });

  for (const url of ["http://git.example/", "https://git.example/"]) {
    test(`that nobody listens at is named for ${url}, without its credentials`, async () => {
      await using http = createHttp({ proxy: "http://user:hidden@127.0.0.1:1" });
      await assert.rejects(http.request(url, limits), {
        code: "ECONNREFUSED",
        message: `${url}: the proxy 127.0.0.1:1 refused the connection`,
      });
    });
  }

  test("that refuses a plain request is an error, and not the target's answer", async () => {
    await using proxy = await listening(createServer((_, response) => response.writeHead(407).end()));
    await using http = createHttp({ proxy: proxy.url });
    await assert.rejects(http.request("http://git.example/", limits), /Proxy Authentication Required/);
  });
});

/** A proxy that opens a tunnel for everyone and notes with which credentials it was asked. */
function tunnelling(credentials: Array<string | undefined>, server: Server = createServer()): Server {
  return server.on("connect", (request: IncomingMessage, client) => {
    credentials.push(request.headers["proxy-authorization"]);
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    client.on("error", () => target.destroy());
    target.on("error", () => client.destroy());
    target.pipe(client).pipe(target);
  });
}

/** A SOCKS5 proxy (RFC 1928) without authentication, which leads every connection to the same port. */
function socksServer(port: string): Server {
  return createTcpServer((client) => {
    client.once("data", ([version]) => {
      if (version !== 5) return void client.destroy();
      client.write(Buffer.from([5, 0]));
      client.once("data", () => {
        client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        const target = connect(Number(port), "127.0.0.1");
        client.pipe(target).pipe(client);
        for (const socket of [client, target])
          socket.on("error", () => [client, target].forEach((one) => one.destroy()));
      });
    });
  });
}

async function listening(server: Server & { closeAllConnections?: () => void }, scheme = "http", host = "127.0.0.1") {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, host, resolve);
  await promise;
  return {
    url: `${scheme}://${host}:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections?.();
      server.close();
    },
  };
}
