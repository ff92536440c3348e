import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { createHttp, requestJson, requestText, type TextRequest } from "./index.ts";

/** A request to a server that answers so. */
async function ask(
  answer: (response: ServerResponse) => void,
  more: Partial<TextRequest> = {},
): Promise<{ text: () => Promise<string>; json: () => Promise<unknown> } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(createServer((_, response) => answer(response)).listen(0, "127.0.0.1"));
  await once(server, "listening");
  const http = stack.use(createHttp());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const request = { url, reason: "AuthenticationFailed", signal: AbortSignal.timeout(60_000), ...more };
  const all = stack.move();
  return {
    text: async () => requestText(http, request),
    json: async () => requestJson(http, request),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const saying = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body);

test("an answer with status 200 is its text, or its JSON object", async () => {
  await using asked = await ask(saying(200, '{"a":1}'));
  assert.deepEqual([await asked.text(), await asked.json()], ['{"a":1}', { a: 1 }]);
});

suite("invalid JSON object is a fault", () => {
  for (const body of ["", "[1]", "null", '"text"', "<html></html>"]) {
    test(JSON.stringify(body), async () => {
      await using asked = await ask(saying(200, body), { service: "the service" });
      const message = "the service did not respond with a JSON object";
      await assert.rejects(asked.json(), { name: "Fault", reason: "AuthenticationFailed", message });
    });
  }
});

suite("another status is a fault with what the service says", () => {
  const rows: Array<[form: string, body: string, said: string]> = [
    ["OAuth", '{"error":"invalid_grant","error_description":"no such\\naccount"}', ": invalid_grant: no such account"],
    ["Google", '{"error":{"status":"PERMISSION_DENIED","message":"not yours"}}', ": PERMISSION_DENIED: not yours"],
    ["AWS in JSON", '{"__type":"AccessDenied","message":"no"}', ": AccessDenied: no"],
    ["AWS in XML", "<E><Code>AccessDenied</Code><Message>a &lt; b</Message></E>", ": AccessDenied: a < b"],
    ["Vault", '{"errors":["permission denied"]}', ": permission denied"],
    ["none", "<html>a page</html>", ""],
    ["a secret", '{"message":"bad hunter2"}', ": bad ***"],
    ["a web token", '{"message":"bad eyJhbGciOi.eyJzdWIi.c2ln"}', ": bad ***"],
    ["a long one", JSON.stringify({ message: "x".repeat(1000) }), `: ${"x".repeat(300)}`],
  ];
  for (const [form, body, said] of rows) {
    test(`in the form of ${form}`, async () => {
      await using asked = await ask(saying(403, body), { secrets: ["hunter2", ""], service: "it" });
      await assert.rejects(asked.text(), { reason: "AuthenticationFailed", message: `it responded with 403${said}` });
    });
  }

  test("but only standard errors of a service that a tenant chose", async () => {
    const body = '{"error":"invalid_grant","error_description":"role credentials","errors":["permission denied","x"]}';
    await using asked = await ask(saying(500, body), { isForeign: true });
    await assert.rejects(asked.text(), { message: "responded with 500: invalid_grant: permission denied" });
  });

  test("and a redirect is one", async () => {
    await using asked = await ask(saying(302, ""));
    await assert.rejects(asked.text(), { message: "responded with 302" });
  });
});

suite("no answer is a fault with the given reason", () => {
  test("where nobody listens", async () => {
    await using asked = await ask(saying(200, ""), {
      url: "http://127.0.0.1:1/",
      service: "it",
      reason: "Unreachable",
    });
    await assert.rejects(asked.text(), (error) => {
      assert(error instanceof Fault);
      assert.equal(error.reason, "Unreachable");
      assert.match(
        error.message,
        /^it failed to respond: http:\/\/127\.0\.0\.1:1\/: 127\.0\.0\.1:1 refused the connection/,
      );
      return true;
    });
  });

  test("where it is too long", async () => {
    await using asked = await ask(saying(200, "12345"), { maxBytes: 4 });
    await assert.rejects(asked.text(), { name: "Fault", message: /failed to respond: .*more than 4 bytes/ });
  });

  test("but not where the caller has stopped it", async () => {
    const stopped = AbortSignal.abort(new Error("stopped"));
    await using asked = await ask(saying(200, ""), { signal: stopped });
    await assert.rejects(asked.text(), { message: "stopped" });
  });
});
