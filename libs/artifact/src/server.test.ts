import assert from "node:assert/strict";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { openPrivateDirectory, type PrivateDirectory } from "@leat/testing";
import { type ArtifactServer, startArtifactServer } from "./index.ts";

let place: PrivateDirectory;
let server: ArtifactServer;
let url: string;

const text = "0123456789";
const file = "/gitrepository/team/app/1.tar.gz";

before(async () => {
  place = await openPrivateDirectory();
  const root = join(place.path, "storage");
  const own = join(root, "gitrepository/team/app");
  await mkdir(own, { recursive: true });
  await mkdir(join(root, ".tmp"));
  await writeFile(join(own, "1.tar.gz"), text);
  await writeFile(join(own, "empty.tar.gz"), "");
  for (const name of ["chart-1.0.0.tgz", "index-1.yaml", "unknown"]) await writeFile(join(own, name), text);
  await writeFile(join(own, "odd name:<b>.tar.gz"), "odd");
  await writeFile(join(root, ".tmp", "half"), "half");
  await writeFile(join(place.path, "outside"), "outside");
  await symlink("1.tar.gz", join(own, "latest.tar.gz"));
  await symlink("index-1.yaml", join(own, "index.yaml"));
  await symlink(join(place.path, "outside"), join(own, "out.tar.gz"));
  server = await startArtifactServer({ directory: root, address: "127.0.0.1:0" });
  url = `http://127.0.0.1:${server.port}`;
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

suite("a file", () => {
  test("is served with its length and type", async () => {
    const answer = await fetch(url + file);
    assert.equal(await answer.text(), text);
    assert.deepEqual(
      [answer.status, answer.headers.get("content-length"), answer.headers.get("content-type")],
      [200, "10", "application/x-gzip"],
    );
  });

  for (const [name, type] of [
    ["chart-1.0.0.tgz", "application/x-gzip"],
    ["index-1.yaml", "text/plain; charset=utf-8"],
    ["index.yaml", "text/plain; charset=utf-8"],
    ["unknown", "application/octet-stream"],
  ]) {
    test(`named ${name} has the type ${type}`, async () => {
      const answer = await fetch(`${url}/gitrepository/team/app/${name}`, { method: "HEAD" });
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, type]);
    });
  }

  test("is told of without its content", async () => {
    const answer = await fetch(url + file, { method: "HEAD" });
    assert.deepEqual([answer.status, answer.headers.get("content-length"), await answer.text()], [200, "10", ""]);
  });

  test("may be empty", async () => {
    const answer = await fetch(`${url}/gitrepository/team/app/empty.tar.gz`);
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
  });

  test("is found through the link to the newest, and by an encoded name", async () => {
    assert.equal(await (await fetch(`${url}/gitrepository/team/app/latest.tar.gz`)).text(), text);
    assert.equal(await (await fetch(`${url}/gitrepository/team/app/odd%20name%3A%3Cb%3E.tar.gz`)).text(), "odd");
  });

  const ranges: Array<[range: string, status: number, body: string | undefined, contentRange: string | null]> = [
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=4-", 206, "456789", "bytes 4-9/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=-99", 206, text, "bytes 0-9/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=9-9", 206, "9", "bytes 9-9/10"],
    ["bytes=10-", 416, undefined, "bytes */10"],
    ["bytes=-0", 416, undefined, "bytes */10"],
    ["bytes=3-1", 200, text, null],
    ["bytes=0-1,4-5", 200, text, null],
    ["bytes=x", 200, text, null],
    ["bytes=-", 200, text, null],
    ["lines=0-1", 200, text, null],
  ];
  for (const [range, status, body, contentRange] of ranges) {
    test(`asked for ${range} is answered with ${status}`, async () => {
      const answer = await fetch(url + file, { headers: { range } });
      const received = await answer.text();
      assert.deepEqual([answer.status, answer.headers.get("content-range")], [status, contentRange]);
      if (body !== undefined) assert.equal(received, body);
    });
  }

  test("is not sent again to who has it", async () => {
    const first = await fetch(url + file);
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    await first.text();
    const status = async (headers: Record<string, string>) => (await fetch(url + file, { headers })).status;
    assert.equal(await status({ "if-none-match": etag }), 304);
    assert.equal(await status({ "if-none-match": `"x", W/${etag}` }), 304);
    assert.equal(await status({ "if-none-match": "*" }), 304);
    assert.equal(await status({ "if-none-match": '"x"' }), 200);
    assert.equal(await status({ "if-none-match": '"x"', "if-modified-since": modified }), 200);
    assert.equal(await status({ "if-modified-since": modified }), 304);
    assert.equal(await status({ "if-modified-since": "garbage" }), 200);
  });

  test("goes on from the middle only where it is still the same", async () => {
    const etag = (await fetch(url + file, { method: "HEAD" })).headers.get("etag") ?? "";
    const part = (condition: string) => fetch(url + file, { headers: { range: "bytes=5-", "if-range": condition } });
    assert.equal((await part(etag)).status, 206);
    assert.equal((await part('"x"')).status, 200);
  });

  test("is sent whole though another takes its place meanwhile", async () => {
    const path = join(place.path, "storage", "big.tar.gz");
    const [old, next] = [Buffer.alloc(20_000_000, "o"), Buffer.alloc(20_000_000, "n")];
    await writeFile(path, old);
    await writeFile(`${path}.next`, next);
    const answer = await fetch(`${url}/big.tar.gz`);
    await rename(`${path}.next`, path);
    assert(Buffer.from(await answer.arrayBuffer()).equals(old));
  });
});

suite("a directory", () => {
  test("is listed, without what is hidden", async () => {
    const page = await (await fetch(`${url}/`)).text();
    assert.match(page, /<a href="\.\/gitrepository\/">gitrepository\/<\/a>/);
    assert.doesNotMatch(page, /tmp/);
  });

  test("is listed with names that are no markup", async () => {
    const page = await (await fetch(`${url}/gitrepository/team/app/`)).text();
    assert.doesNotMatch(page, /<b>/);
  });

  test("without its slash leads to the one with it", async () => {
    const answer = await fetch(`${url}/gitrepository`, { redirect: "manual" });
    assert.deepEqual([answer.status, answer.headers.get("location")], [301, "./gitrepository/"]);
  });
});

suite("a request", () => {
  const rows: Array<[path: string, status: number]> = [
    ["/nothing", 404],
    ["/gitrepository/team/app/1.tar.gz/", 404],
    ["/../outside", 400],
    ["/%2e%2e/outside", 400],
    ["/gitrepository/..%2f..%2f../outside", 400],
    ["/..\\outside", 400],
    ["/%00", 400],
    ["/%", 400],
    ["/gitrepository/team/app/out.tar.gz", 404],
    ["/.tmp/half", 404],
    ["/.tmp/", 404],
    ["http://elsewhere/", 400],
  ];
  for (const [path, status] of rows) {
    test(`for ${path} is answered with ${status}`, async () => assert.equal(await rawStatus(path), status));
  }

  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    test(`with ${method} is rejected`, async () => {
      const answer = await fetch(url + file, { method });
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET, HEAD"]);
    });
  }
});

/** Sends the path as it is: `fetch` would tidy it up. */
function rawStatus(path: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const sent = request({ host: "127.0.0.1", port: server.port, path }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  });
  sent.on("error", reject).end();
  return promise;
}
