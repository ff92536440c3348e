import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createHttpPool } from "@leat/http";
import { createRefLister } from "./list-refs.ts";
import { endpointOf } from "./remote.ts";

test("a server that redirects to a sign-in page is named with the host of the page", async () => {
  await using page = await listening((_, response) => response.setHeader("content-type", "text/html").end("<html>"));
  await using server = await listening((_, response) =>
    response.writeHead(302, { location: `${page.url}/?token=secret` }).end(),
  );
  await using connections = createHttpPool();
  const endpoint = endpointOf({ url: `${server.url}/app`, timeoutMs: 10_000 });
  await assert.rejects(createRefLister(connections).list(endpoint, "refs/", new AbortController().signal), {
    reason: "GitOperationFailed",
    message: `${server.url}/app (redirected to ${page.url}) is not a Git repository: unexpected content type text/html`,
  });
});

async function listening(respond: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(respond);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
