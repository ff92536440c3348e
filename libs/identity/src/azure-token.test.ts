import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Answers, type FakeCloud, fileOf, openCloud } from "../test/fake-cloud.ts";
import { ownAzureToken } from "./azure-token.ts";
import type { Environment } from "@leat/http";

const scope = "https://vault.azure.net/.default";
const entra = "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token";
const granted = { body: { access_token: "hidden-token", expires_in: 3600 } };
const application = { AZURE_CLIENT_ID: "client", AZURE_TENANT_ID: "tenant" };
const withSecret = { ...application, AZURE_CLIENT_SECRET: "hidden-secret" };
const nodeOf = (client: string) =>
  `GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net${client}`;

const ask = ({ cloud }: FakeCloud) => ownAzureToken(cloud, scope, AbortSignal.timeout(10_000));
const formOf = ({ requests }: FakeCloud) => Object.fromEntries(new URLSearchParams(requests[0]?.body));

suite("the controller's token at Azure", () => {
  test("is granted for the client secret in the environment, and ends when Azure says", async () => {
    await using cloud = await openCloud({ [entra]: granted }, withSecret);
    const { token, expiresAt } = await ask(cloud);
    assert.equal(token, "hidden-token");
    assert.ok(Math.abs(expiresAt.getTime() - Date.now() - 3_600_000) < 60_000);
    assert.deepEqual(formOf(cloud), {
      grant_type: "client_credentials",
      client_id: "client",
      client_secret: "hidden-secret",
      scope,
    });
  });

  test("is granted for the token of workload identity", async () => {
    await using file = await fileOf("proof\n");
    await using cloud = await openCloud(
      { [entra]: granted },
      { ...application, AZURE_FEDERATED_TOKEN_FILE: file.path },
    );
    assert.equal((await ask(cloud)).token, "hidden-token");
    const { client_assertion, client_assertion_type } = formOf(cloud);
    assert.deepEqual(
      [client_assertion, client_assertion_type],
      ["proof", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    );
  });

  test("is asked for at the authority that the environment names", async () => {
    const answers = { "POST https://login.partner.microsoftonline.cn/tenant/oauth2/v2.0/token": granted };
    const env = { ...withSecret, AZURE_AUTHORITY_HOST: "https://login.partner.microsoftonline.cn/" };
    await using cloud = await openCloud(answers, env);
    assert.equal((await ask(cloud)).token, "hidden-token");
  });

  for (const [about, env, client] of [
    ["the managed identity of the node", {}, ""],
    ["the managed identity that is named", { AZURE_CLIENT_ID: "client" }, "&client_id=client"],
  ] as const) {
    test(`is that of ${about}`, async () => {
      await using cloud = await openCloud({ [nodeOf(client)]: granted }, env);
      assert.equal((await ask(cloud)).token, "hidden-token");
      assert.equal(cloud.requests[0]?.headers["metadata"], "true");
    });
  }

  const faults: Array<[about: string, env: Environment, answers: Answers, message: RegExp]> = [
    [
      "Entra ID rejects it, in the words of Entra ID and without the secret",
      withSecret,
      {
        [entra]: { status: 401, body: { error: "invalid_client", error_description: "AADSTS7000215: hidden-secret" } },
      },
      /^Microsoft Entra ID responded with 401: invalid_client: AADSTS7000215: \*\*\*$/,
    ],
    ["there is no token in the answer", withSecret, { [entra]: { body: {} } }, /returned no token/],
    [
      "the answer does not say when it ends",
      withSecret,
      { [entra]: { body: { access_token: "hidden-token" } } },
      /returned no token/,
    ],
    ["the node has no identity", {}, {}, /the metadata service of the node responded with 404/],
    [
      "the file of the token is missing",
      { ...application, AZURE_FEDERATED_TOKEN_FILE: "/nowhere" },
      {},
      /cannot read the token file of AZURE_FEDERATED_TOKEN_FILE: ENOENT/,
    ],
  ];
  for (const [about, env, answers, message] of faults) {
    test(`is a fault if ${about}`, async () => {
      await using cloud = await openCloud(answers, env);
      await assert.rejects(ask(cloud), { name: "Fault", reason: "AuthenticationFailed", message });
    });
  }
});
