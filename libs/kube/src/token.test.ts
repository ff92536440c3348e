import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import { connect } from "./connect.ts";
import type { Kube } from "./kube.ts";
import { renewed, type TokenSource } from "./token-source.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
});
after(() => setting[Symbol.asyncDispose]());

async function createAccount(name: string): Promise<{ namespace: string; name: string }> {
  const account = { namespace: setting.namespace, name };
  const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: account };
  await setting.kube.create(core.ServiceAccount, object, { fieldManager });
  return account;
}

/** Gives tokens one after another, the last again and again, and counts how often it was asked. */
function sourceOf(...tokens: Array<{ token: string; lifeMs: number }>): { source: TokenSource; asked: () => number } {
  let asked = 0;
  const source = async () => {
    const { token, lifeMs } = tokens[Math.min(asked, tokens.length - 1)] ?? { token: "", lifeMs: 0 };
    asked += 1;
    return { token, expiresAt: new Date(Date.now() + lifeMs) };
  };
  return { source, asked: () => asked };
}

async function connectBy(token: TokenSource): Promise<Kube> {
  const { url, caFile } = setting.controlPlane;
  return connect({ server: url, ca: await readFile(caFile, "utf8"), token });
}

const ask = (kube: Kube) => kube.list({ resource: core.ConfigMap, namespace: setting.namespace });

suite("a token of a ServiceAccount", () => {
  test("is made for the audiences that are asked for", async () => {
    const account = await createAccount("audience");
    const { token, expiresAt } = await setting.kube.createToken({ ...account, audiences: ["https://elsewhere"] });
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
      string,
      unknown
    >;
    assert.deepEqual(claims["aud"], ["https://elsewhere"]);
    assert.equal(claims["sub"], `system:serviceaccount:${account.namespace}:${account.name}`);
    assert.ok(expiresAt.getTime() > Date.now() + 60_000);
  });

  test("speaks for the account", async () => {
    const account = await createAccount("speaker");
    await using kube = await connectBy(async () => setting.kube.createToken({ ...account, audiences: [] }));
    await assert.rejects(
      ask(kube),
      new RegExp(`User "system:serviceaccount:${account.namespace}:speaker" cannot list`),
    );
  });

  test("of one that does not exist is rejected", async () => {
    const account = { namespace: setting.namespace, name: "nobody" };
    await assert.rejects(setting.kube.createToken({ ...account, audiences: [] }), { code: 404 });
    await assert.rejects(
      connectBy(async () => setting.kube.createToken({ ...account, audiences: [] })),
      { code: 404 },
    );
  });
});

suite("a source of tokens", () => {
  test("is asked once for many requests", async () => {
    const { source, asked } = sourceOf({ token: setting.controlPlane.token, lifeMs: 3_600_000 });
    await using kube = await connectBy(source);
    await Promise.all(Array.from({ length: 5 }, () => ask(kube)));
    assert.equal(asked(), 1);
  });

  test("is asked again when the server rejects what it gave", async () => {
    const good = { token: setting.controlPlane.token, lifeMs: 3_600_000 };
    const { source, asked } = sourceOf({ token: "not the token", lifeMs: 3_600_000 }, good);
    await using kube = await connectBy(source);
    await ask(kube);
    assert.equal(asked(), 2);
  });

  test("is asked again once a token has nearly ended, and not before", async () => {
    const { source, asked } = sourceOf({ token: "ended", lifeMs: 0 }, { token: "long", lifeMs: 3_600_000 });
    const current = renewed(source);
    assert.equal(await current("first"), "ended");
    assert.equal(await current("aged"), "long");
    assert.equal(await current("aged"), "long");
    assert.equal(asked(), 2);
  });
});
