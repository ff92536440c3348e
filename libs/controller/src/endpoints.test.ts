import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { listen } from "./endpoints.ts";

suite("endpoints", () => {
  test("answer on a port of their own", async () => {
    await using endpoint = await listen("127.0.0.1:0", (_, response) => response.end("ok"));
    const answer = await fetch(`http://127.0.0.1:${endpoint.port}/healthz`);
    assert.equal(await answer.text(), "ok");
  });

  test("say which address is taken", async () => {
    await using endpoint = await listen("127.0.0.1:0", () => {});
    const address = `127.0.0.1:${endpoint.port}`;
    await assert.rejects(
      listen(address, () => {}),
      (error) => error instanceof Fault && error.message.includes(address),
    );
  });

  for (const address of ["8080", "localhost", "", "http://x:1"]) {
    test(`${JSON.stringify(address)} is no address`, async () => {
      await assert.rejects(
        listen(address, () => {}),
        Fault,
      );
    });
  }
});
