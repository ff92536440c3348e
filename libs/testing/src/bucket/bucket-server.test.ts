import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import { requestServer } from "../server/server-request.ts";
import { startBucketServer } from "./bucket-server.ts";
import type { BucketServer } from "./bucket.ts";
import { requestS3, type S3Request } from "./s3-request.ts";

async function request(server: BucketServer, sent: S3Request, changes: Partial<BucketServer["credentials"]> = {}) {
  const { status, headers, body } = await requestS3(server, { ...server.credentials, ...changes }, sent);
  const text = body.toString();
  return { status, headers, text, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] };
}

suite("bucket server", () => {
  test("keeps objects, whatever their keys, with the MD5 of the content as their ETag", async () => {
    await using server = await startBucketServer();
    const bucket = await server.createBucket("apps");
    for (const key of ["deploy.yaml", "a dir/ä+b.yaml", ".sourceignore"]) {
      await bucket.put(key, key);
      const { status, headers, text } = await request(server, { path: `/apps/${key}` });
      assert.deepEqual([status, text, headers.etag], [200, key, `"${hash("md5", key)}"`]);
    }
    await bucket.delete("deploy.yaml");
    const gone = await request(server, { path: "/apps/deploy.yaml" });
    assert.deepEqual([gone.status, gone.code], [404, "NoSuchKey"]);
  });

  test("lists objects page by page, in both versions of the call", async () => {
    await using server = await startBucketServer();
    const { put } = await server.createBucket("apps");
    for (const key of ["a.yaml", "b.yaml", "c.yaml", "other"]) await put(key, key);
    const keysIn = (text: string) => [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
    const query = { "list-type": "2", "max-keys": "2" };
    const first = await request(server, { path: "/apps", query });
    assert.deepEqual(keysIn(first.text), ["a.yaml", "b.yaml"]);
    const token = /<NextContinuationToken>([^<]+)</.exec(first.text)?.[1] ?? "";
    const second = await request(server, { path: "/apps", query: { ...query, "continuation-token": token } });
    assert.deepEqual(keysIn(second.text), ["c.yaml", "other"]);
    assert.match(second.text, /<IsTruncated>false</);
    const older = await request(server, { path: "/apps", query: { "max-keys": "1", marker: "b.yaml", prefix: "c" } });
    assert.deepEqual(keysIn(older.text), ["c.yaml"]);
  });

  test("rejects a wrong secret, an unknown key and no signature", async () => {
    await using server = await startBucketServer();
    await server.createBucket("apps");
    const wrong = await request(server, { path: "/apps" }, { secretAccessKey: "wrong" });
    assert.deepEqual([wrong.status, wrong.code], [403, "SignatureDoesNotMatch"]);
    const unknown = await request(server, { path: "/apps" }, { accessKeyId: "nobody" });
    assert.deepEqual([unknown.status, unknown.code], [403, "InvalidAccessKeyId"]);
    assert.equal((await requestServer(server, { path: "/apps" })).status, 403);
  });

  test("has no bucket that was not created", async () => {
    await using server = await startBucketServer();
    assert.equal((await request(server, { method: "HEAD", path: "/apps" })).status, 404);
    assert.equal((await request(server, { path: "/apps" })).code, "NoSuchBucket");
  });

  test("is trusted over TLS only with its CA", async () => {
    await using server = await startBucketServer({ tls: true });
    await server.createBucket("apps");
    assert.equal((await request(server, { method: "HEAD", path: "/apps" })).status, 200);
    await assert.rejects(requestServer({ url: server.url }, { path: "/" }), /certificate|issuer/);
  });
});
