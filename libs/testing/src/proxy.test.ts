import assert from "node:assert/strict";
import { createServer, get, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { startProxy } from "./index.ts";
import { closeServer, listenOn, portOf } from "./server/loopback.ts";

const server = createServer(({ url, headers }, response) => response.end(`${headers.host}${url}`));
let address: string;
before(async () => {
  await listenOn(server, 0);
  address = `127.0.0.1:${portOf(server)}`;
});
after(() => closeServer(server));

suite("a proxy", () => {
  test("forwards requests, to names that it alone resolves too", async () => {
    await using proxy = await startProxy({ hosts: new Map([["app.example:80", address]]) });
    assert.equal(await through(proxy.url, `http://${address}/a?b`), `${address}/a?b`);
    assert.equal(await through(proxy.url, "http://app.example/"), "app.example/");
    assert.deepEqual(proxy.targets, [address, "app.example:80"]);
  });

  test("opens tunnels", async () => {
    await using proxy = await startProxy({ hosts: new Map([["app.example:443", address]]) });
    const tunnel = request(proxy.url, { method: "CONNECT", path: "app.example:443" }).end();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    tunnel.on("connect", (_, socket) => {
      get({ createConnection: () => socket, headers: { host: "app.example" }, path: "/in" }, (answer) => {
        text(answer).then(resolve, reject);
      }).on("error", reject);
    });
    assert.equal(await promise, "app.example/in");
    assert.deepEqual(proxy.targets, ["app.example:443"]);
  });

  test("refuses requests without its credentials", async () => {
    await using proxy = await startProxy({ credentials: "carol:pa55" });
    assert.equal(await through(proxy.url, `http://${address}/`), "407");
    const authorization = `Basic ${Buffer.from("carol:pa55").toString("base64")}`;
    assert.equal(
      await through(proxy.url, `http://${address}/`, { "proxy-authorization": authorization }),
      `${address}/`,
    );
    assert.deepEqual([proxy.rejected(), proxy.targets], [1, [address]]);
  });
});

/** The text of the answer, or its status if that is not 200. */
async function through(proxy: string, url: string, headers: OutgoingHttpHeaders = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(proxy, { path: url, headers: { host: new URL(url).host, ...headers } }, resolve)
    .on("error", reject)
    .end();
  const answer = await promise;
  const body = await text(answer);
  return answer.statusCode === 200 ? body : String(answer.statusCode);
}
