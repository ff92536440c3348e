import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { startService } from "./service.ts";

suite("service", () => {
  test("serves a connection as its standard input and output", async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const client = connect(address.port, "127.0.0.1");
    const [connection] = (await once(server, "connection")) as [Socket];
    await using service = await startService("/bin/cat", [], { connection });
    client.end("to and fro");
    assert.equal(await text(client), "to and fro");
    assert.equal(await service.ended, 0);
    server.close();
  });
});
