import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { createHttpPool } from "@leat/http";
import { createRefLister } from "./list-refs.ts";
import { endpointOf } from "./remote.ts";

suite("what a server lists of itself", () => {
  const rows: Array<[what: string, capabilities: number, requests: number]> = [
    ["is remembered", 10, 3],
    ["is not remembered if it is large", 10_000, 4],
  ];
  for (const [what, capabilities, requests] of rows) {
    test(what, async () => {
      await using server = await startServer(capabilities);
      await using connections = createHttpPool();
      const refs = createRefLister(connections);
      const endpoint = endpointOf({ url: `${server.url}/app`, timeoutMs: 10_000 });
      for (let poll = 0; poll < 2; poll += 1)
        assert.deepEqual(await refs.list(endpoint, "refs/", new AbortController().signal), []);
      assert.equal(server.requests(), requests);
    });
  }
});

/** An empty repository, by version 2 of the protocol. */
async function startServer(capabilities: number): Promise<{ url: string; requests: () => number } & AsyncDisposable> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const isQuestion = request.method === "POST";
    response.setHeader("content-type", `application/x-git-upload-pack-${isQuestion ? "result" : "advertisement"}`);
    request.resume().on("end", () => response.end(isQuestion ? "0000" : advertisement(capabilities)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function advertisement(capabilities: number): string {
  const more = Array.from({ length: capabilities }, (_, index) => packet(`option-${index}\n`));
  const service = packet("# service=git-upload-pack\n");
  return [service, "0000", packet("version 2\n"), packet("ls-refs=unborn\n"), ...more, "0000"].join("");
}

function packet(line: string): string {
  return (line.length + 4).toString(16).padStart(4, "0") + line;
}
