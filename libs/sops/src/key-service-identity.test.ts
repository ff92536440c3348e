import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Fault, Reason } from "@leat/api";
import { createHttp, type Http, proxiesOf } from "@leat/http";
import { type Identity, deniedIdentity } from "@leat/identity";
import { type Clouds, openPrivateDirectory, startClouds } from "@leat/testing";
import { contentOf, encryptedBySops, faultOf, keysOf } from "../test/fixture.ts";
import type { KeyServiceIdentity } from "./key-service-identity.ts";

const text = "password: not-to-be-shown\n";
const decrypted = 'password: "not-to-be-shown"\n';
const arn = "arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-0000-4000-8000-000000000000";
const role = "arn:aws:iam::111122223333:role/sops";
const user = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hidden/secret+key", sessionToken: "hidden-session" };
const resource = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const vault = "https://shop.vault.azure.net/keys/sops/1";

suite("where no entry says who asks a key service", () => {
  let clouds: Clouds;
  let http: Http;
  let env: Record<string, string>;
  const stack = new AsyncDisposableStack();
  before(async () => {
    clouds = stack.use(await startClouds());
    http = stack.use(createHttp({ ca: clouds.ca, proxies: proxiesOf({ HTTPS_PROXY: clouds.proxy }) }));
    const { path } = stack.use(await openPrivateDirectory());
    await writeFile(join(path, "ca.pem"), clouds.ca);
    env = { HTTPS_PROXY: clouds.proxy, SSL_CERT_FILE: join(path, "ca.pem") };
    const { world } = clouds;
    for (const id of [user.accessKeyId, user.sessionToken]) world.holders.set(id, "user");
    world.accessKeys.set(user.accessKeyId, user.secretAccessKey);
    world.holders.set("hidden-client-secret", "tenant/client");
    world.trusts.set(role, "user");
    for (const one of ["user", role, "robot", "tenant/client"]) world.keyUsers.add(one);
  });
  after(() => stack.disposeAsync());

  /** Somebody whom the clouds know. */
  const somebody = (): Identity => {
    const token = (who: string) => ({ token: clouds.world.issue(who), expiresAt: new Date(Date.now() + 60_000) });
    return {
      ...deniedIdentity(""),
      key: "somebody",
      aws: async () => user,
      gcp: async () => token("robot"),
      azure: async (scope) => token(`tenant/client ${scope}`),
    };
  };
  const keysFor = (identity: Identity, more: Partial<KeyServiceIdentity> = {}) =>
    keysOf({}, { http }, { ...identity, ...more });
  const encrypted = {
    aws: (key: object = { arn }) => {
      const { accessKeyId, secretAccessKey, sessionToken } = user;
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      const rule = { key_groups: [{ kms: [key] }] };
      return encryptedBySops("a.yaml", text, rule, { ...env, ...keys, AWS_SESSION_TOKEN: sessionToken });
    },
    gcp: () => {
      const token = clouds.world.issue("robot");
      const rest = { SOPS_GCP_KMS_CLIENT_TYPE: "rest", GOOGLE_OAUTH_ACCESS_TOKEN: token };
      return encryptedBySops("a.yaml", text, { gcp_kms: resource }, { ...env, ...rest });
    },
    azure: () => {
      const client = { AZURE_TENANT_ID: "tenant", AZURE_CLIENT_ID: "client" };
      const secret = { AZURE_CLIENT_SECRET: "hidden-client-secret" };
      return encryptedBySops("a.yaml", text, { azure_keyvault: vault }, { ...env, ...client, ...secret });
    },
  };

  for (const cloud of ["aws", "gcp", "azure"] as const) {
    test(`its own identity asks that of ${cloud}`, async () => {
      assert.equal(String(await contentOf("a.yaml", await encrypted[cloud](), await keysFor(somebody()))), decrypted);
    });

    test(`${cloud} is not asked by nobody, and the failure says why`, async () => {
      const message = await faultOf("a.yaml", await encrypted[cloud](), await keysFor(deniedIdentity("nobody may")));
      assert.match(message, / cannot be used: nobody may$/);
    });
  }

  test("AWS is asked in the role that a file names", async () => {
    const file = await encrypted.aws({ arn, role });
    const asked = clouds.requests.length;
    assert.equal(String(await contentOf("a.yaml", file, await keysFor(somebody()))), decrypted);
    const actions = clouds.requests
      .slice(asked)
      .map(({ url, body }) => `${url.hostname} ${body.includes("AssumeRole")}`);
    assert.deepEqual(actions, ["sts.eu-west-1.amazonaws.com true", "kms.eu-west-1.amazonaws.com false"]);
  });

  test("a role that does not trust who asks is a fault", async () => {
    const moved = String(await encrypted.aws({ arn, role })).replace("role/sops", "role/other");
    assert.match(
      await faultOf("a.yaml", moved, await keysFor(somebody())),
      /STS responded with 403: AccessDenied: user is not/,
    );
  });

  test("an entry comes before who asks otherwise", async () => {
    const entry = Object.entries({ aws_access_key_id: user.accessKeyId, aws_secret_access_key: user.secretAccessKey });
    const lines = [...entry, ["aws_session_token", user.sessionToken]].map((pair) => pair.join(": ")).join("\n");
    const keys = await keysOf({ "sops.aws-kms": lines }, { http }, deniedIdentity("nobody may"));
    assert.equal(String(await contentOf("a.yaml", await encrypted.aws(), keys)), decrypted);
  });

  test("a token of Vault is asked for by the address that the file names", async () => {
    const vaultToken = async (address: string) =>
      Promise.reject(new Fault(Reason.AccessDenied, `no token for ${address}`));
    const file = await encryptedBySops("a.yaml", text, {
      age: "age1lzd99uklcjnc0e7d860axevet2cz99ce9pq6tzuzd05l5nr28ams36nvun",
    });
    const metadata = String(file).replace(
      "    age:",
      "    hc_vault:\n        - vault_address: https://bao.example:8200\n          engine_path: transit\n          key_name: k\n          created_at: '2026-01-01T00:00:00Z'\n          enc: vault:v1:x\n    age:",
    );
    const message = await faultOf("a.yaml", metadata, await keysFor(deniedIdentity(""), { vaultToken }));
    assert.match(
      message,
      /Vault https:\/\/bao\.example:8200\/v1\/transit\/keys\/k cannot be used: no token for https:/,
    );
  });

  test("another who asks makes another set of keys", async () => {
    const digests = [deniedIdentity("a"), deniedIdentity("b"), deniedIdentity("a")].map(
      async (one) => (await keysFor(one)).digest,
    );
    const [first, second, third] = await Promise.all(digests);
    assert.notEqual(first, second);
    assert.equal(first, third);
    assert.notEqual(first, (await keysOf({})).digest);
  });
});
