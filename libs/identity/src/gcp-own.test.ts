import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { claimsOf } from "@leat/testing";
import { type Answers, type FakeCloud, fileOf, openCloud } from "../test/fake-cloud.ts";
import { ownGcpToken } from "./gcp-own.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const granted = { body: { access_token: "hidden-token", expires_in: 3600 } };
const scopes = ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"];
const metadata = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
const oauth = "https://oauth2.googleapis.com/token";
const sts = "https://sts.googleapis.com/v1/token";
const impersonation = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken";

const account = {
  type: "service_account",
  client_email: "leat@shop.iam.gserviceaccount.com",
  private_key_id: "key-id",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
};
const external = {
  type: "external_account",
  audience: "//iam.googleapis.com/provider",
  subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
};

const ask = ({ cloud }: FakeCloud) => ownGcpToken(cloud, AbortSignal.timeout(10_000));
const formOf = ({ requests }: FakeCloud) => new URLSearchParams(requests[0]?.body);

/** A cloud for a controller whose GOOGLE_APPLICATION_CREDENTIALS name a file of this content. */
async function openFor(content: object | string, answers: Answers): Promise<FakeCloud> {
  await using opening = new AsyncDisposableStack();
  const file = opening.use(await fileOf(typeof content === "string" ? content : JSON.stringify(content)));
  const cloud = opening.use(await openCloud(answers, { GOOGLE_APPLICATION_CREDENTIALS: file.path }));
  const opened = opening.move();
  return { ...cloud, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

suite("the controller's token at Google Cloud", () => {
  test("is that of the metadata server, where no file is named", async () => {
    const url = `${metadata}?scopes=${encodeURIComponent(scopes.join(","))}`;
    await using cloud = await openCloud({ [`GET ${url}`]: granted });
    assert.equal((await ask(cloud)).token, "hidden-token");
    assert.equal(cloud.requests[0]?.headers["metadata-flavor"], "Google");
  });

  test("is asked for with the key of a service account", async () => {
    await using cloud = await openFor(account, { [`POST ${oauth}`]: granted });
    assert.equal((await ask(cloud)).token, "hidden-token");
    const claims = claimsOf(formOf(cloud).get("assertion"), [publicKey], oauth);
    assert.partialDeepStrictEqual(claims, { iss: account.client_email, scope: scopes.join(" ") });
  });

  test("is exchanged for the token of an external account", async () => {
    await using proof = await fileOf("proof\n");
    const file = { ...external, credential_source: { file: proof.path } };
    await using cloud = await openFor(file, { [`POST ${sts}`]: granted });
    assert.equal((await ask(cloud)).token, "hidden-token");
    const form = formOf(cloud);
    assert.deepEqual(
      ["audience", "subject_token", "subject_token_type", "scope"].map((name) => form.get(name)),
      [external.audience, "proof", external.subject_token_type, scopes.join(" ")],
    );
  });

  test("is that of the service account which an external account acts as", async () => {
    await using proof = await fileOf(JSON.stringify({ id: "proof" }));
    const source = { file: proof.path, format: { type: "json", subject_token_field_name: "id" } };
    const file = { ...external, credential_source: source, service_account_impersonation_url: impersonation };
    await using cloud = await openFor(file, {
      [`POST ${sts}`]: granted,
      [`POST ${impersonation}`]: { body: { accessToken: "hidden-other", expireTime: "2099-01-01T00:00:00Z" } },
    });
    assert.deepEqual(await ask(cloud), { token: "hidden-other", expiresAt: new Date("2099-01-01T00:00:00Z") });
    assert.equal(formOf(cloud).get("subject_token"), "proof");
    assert.equal(cloud.requests[1]?.headers["authorization"], "Bearer hidden-token");
  });

  const faults: Array<[about: string, file: object | string, answers: Answers, message: RegExp]> = [
    ["the file is no JSON", "hidden", {}, /is not a JSON object$/],
    ["the file is of another type", { type: "authorized_user" }, {}, /has the unsupported type "authorized_user"/],
    ["its key is none", { ...account, private_key: "hidden" }, {}, /has a private_key that is not PEM$/],
    [
      "its source is no file",
      { ...external, credential_source: { url: "http://169.254.169.254" } },
      {},
      /has a credential_source other than a file/,
    ],
    [
      "the file of its source is missing",
      { ...external, credential_source: { file: "/nowhere" } },
      {},
      /cannot read the token file of GOOGLE_APPLICATION_CREDENTIALS: ENOENT/,
    ],
    [
      "Google rejects it",
      account,
      { [`POST ${oauth}`]: { status: 400, body: { error: "invalid_grant", error_description: "no such account" } } },
      /^Google Cloud responded with 400: invalid_grant: no such account$/,
    ],
  ];
  for (const [about, file, answers, message] of faults) {
    test(`is a fault if ${about}`, async () => {
      await using cloud = await openFor(file, answers);
      await assert.rejects(ask(cloud), { name: "Fault", reason: "AuthenticationFailed", message });
    });
  }
});
