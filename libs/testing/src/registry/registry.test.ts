import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import { requestServer, type ServerRequest } from "../server/server-request.ts";
import { type Registry, startReferrersRegistry, startRegistry } from "./registry.ts";

const layer = { mediaType: "application/vnd.cncf.flux.content.v1.tar+gzip", content: "not really an archive" };
const indexType = "application/vnd.oci.image.index.v1+json";
const manifestType = "application/vnd.oci.image.manifest.v1+json";

function basic(username: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

async function request(registry: Registry, sent: ServerRequest) {
  const { status, headers, body } = await requestServer(registry, sent);
  return { status, headers, text: body.toString(), json: () => JSON.parse(body.toString()) as unknown };
}

suite("registry", () => {
  test("keeps what is pushed, by tag and by digest, until it is deleted", async () => {
    await using registry = await startRegistry();
    assert.equal(registry.url, `http://${registry.host}`);
    const digest = await registry.push({
      repository: "apps/web",
      tag: "1.0.0",
      layers: [layer],
      annotations: { a: "b" },
    });
    const headers = { accept: manifestType };
    const byTag = await request(registry, { path: "/v2/apps/web/manifests/1.0.0", headers });
    assert.deepEqual([byTag.status, byTag.headers["docker-content-digest"]], [200, digest]);
    assert.partialDeepStrictEqual(byTag.json(), {
      layers: [{ mediaType: layer.mediaType, digest: `sha256:${hash("sha256", layer.content)}` }],
      annotations: { a: "b" },
    });
    const blob = await request(registry, { path: `/v2/apps/web/blobs/sha256:${hash("sha256", layer.content)}` });
    assert.equal(blob.text, layer.content);
    const path = `/v2/apps/web/manifests/${digest}`;
    assert.equal((await request(registry, { path, method: "DELETE" })).status, 202);
    assert.equal((await request(registry, { path, headers })).status, 404);
  });

  test("lists tags page by page", async () => {
    await using registry = await startRegistry();
    const tags = ["1.0.0", "1.1.0", "2.0.0"];
    for (const tag of tags) await registry.push({ repository: "app", tag, layers: [layer] });
    const first = await request(registry, { path: "/v2/app/tags/list?n=2" });
    assert.deepEqual(first.json(), { name: "app", tags: tags.slice(0, 2) });
    const [, next = ""] = /^<([^>]+)>; rel="next"$/.exec(String(first.headers["link"])) ?? [];
    const last = await request(registry, { path: next });
    assert.deepEqual(last.json(), { name: "app", tags: tags.slice(2) });
    assert.equal(last.headers["link"], undefined);
  });

  test("takes only its own password", async () => {
    await using registry = await startRegistry({ auth: "basic" });
    await registry.push({ repository: "app", tag: "1", layers: [layer] });
    const { username, password } = registry.credentials ?? { username: "", password: "" };
    const cases: [Record<string, string>, number][] = [
      [{}, 401],
      [basic(username, "wrong"), 401],
      [basic(username, password), 200],
    ];
    for (const [headers, status] of cases) {
      const answer = await request(registry, { path: "/v2/app/tags/list", headers });
      assert.equal(answer.status, status);
      if (status === 401) assert.match(String(answer.headers["www-authenticate"]), /^Basic realm="leat"/);
    }
  });

  test("is trusted over TLS only with its CA", async () => {
    await using registry = await startRegistry({ tls: true, auth: "basic" });
    await registry.push({ repository: "app", tag: "1", layers: [layer] });
    assert.match(registry.url, /^https:/);
    await assert.rejects(requestServer({ url: registry.url }, { path: "/v2/" }), /certificate|issuer/);
  });

  test("rejects a blob that is not what its digest says", async () => {
    await using registry = await startRegistry();
    const upload = await request(registry, { method: "POST", path: "/v2/app/blobs/uploads/" });
    const location = new URL(String(upload.headers.location));
    location.searchParams.set("digest", `sha256:${hash("sha256", "another")}`);
    const answer = await request(registry, {
      method: "PUT",
      path: location.pathname + location.search,
      body: "content",
    });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /DIGEST_INVALID/);
  });
});

suite("registry with tokens", () => {
  /** As a client does it: asks, is sent to the server of tokens, asks there, and asks again. */
  async function askWithToken(registry: Registry, path: string, credentials: Record<string, string>) {
    const challenge = String((await request(registry, { path })).headers["www-authenticate"]);
    const parameters = Object.fromEntries(
      challenge.matchAll(/(\w+)="([^"]*)"/g).map(([, name = "", value]) => [name, value ?? ""]),
    );
    const { realm = "", service = "", scope = "" } = parameters;
    const query = new URLSearchParams({ service, scope }).toString();
    const given = await requestServer({ url: realm }, { path: `${realm}?${query}`, headers: credentials });
    if (given.status !== 200) return { tokenStatus: given.status };
    const { token } = JSON.parse(given.body.toString()) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    return { tokenStatus: 200, scope, headers, status: (await request(registry, { path, headers })).status };
  }

  test("sends clients to its server of tokens, which rejects a wrong password", async () => {
    await using registry = await startRegistry({ auth: "token" });
    await registry.push({ repository: "apps/web", tag: "1", layers: [layer] });
    const { username, password } = registry.credentials ?? { username: "", password: "" };
    const path = "/v2/apps/web/tags/list";
    const right = await askWithToken(registry, path, basic(username, password));
    assert.partialDeepStrictEqual(right, { scope: "repository:apps/web:pull", status: 200 });
    assert.deepEqual(await askWithToken(registry, path, basic(username, "wrong")), { tokenStatus: 401 });
    assert.deepEqual(await askWithToken(registry, path, {}), { tokenStatus: 401 });
  });

  test("takes a token for its own scope alone, and no forged one", async () => {
    await using registry = await startRegistry({ auth: "token", anonymousPull: true });
    await registry.push({ repository: "app", tag: "1", layers: [layer] });
    const { headers, status } = await askWithToken(registry, "/v2/app/tags/list", {});
    assert.equal(status, 200);
    assert.ok(headers);
    const elsewhere = await request(registry, { path: "/v2/other/tags/list", headers });
    assert.deepEqual(
      [elsewhere.status, /error="insufficient_scope"/.test(String(elsewhere.headers["www-authenticate"]))],
      [401, true],
    );
    const push = { method: "POST", path: "/v2/app/blobs/uploads/", headers };
    assert.equal((await request(registry, push)).status, 401);
    const forged = { authorization: `${headers.authorization.slice(0, -4)}AAAA` };
    assert.equal((await request(registry, { path: "/v2/app/tags/list", headers: forged })).status, 401);
  });
});

suite("referrers", () => {
  test("are listed by a registry with their API, and not by the other", async () => {
    for (const [start, status] of [
      [startReferrersRegistry, 200],
      [startRegistry, 404],
    ] as const) {
      await using registry = await start();
      const subject = await registry.push({ repository: "app", tag: "1", layers: [layer] });
      const artifactType = "application/vnd.dev.sigstore.bundle.v0.3+json";
      const signature = await registry.push({ repository: "app", layers: [layer], artifactType, subject });
      const answer = await request(registry, { path: `/v2/app/referrers/${subject}`, headers: { accept: indexType } });
      assert.equal(answer.status, status);
      if (status === 200)
        assert.partialDeepStrictEqual(answer.json(), { manifests: [{ digest: signature, mediaType: manifestType }] });
    }
  });
});
