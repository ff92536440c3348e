import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Answers, type FakeCloud, fileOf, openCloud } from "../test/fake-cloud.ts";
import { ownAwsCredentials } from "./aws-own.ts";
import type { Environment } from "@leat/http";

const region = "eu-west-1";
const ends = "2099-01-01T00:00:00Z";
const given = { AccessKeyId: "AKID", SecretAccessKey: "hidden", Token: "session", Expiration: ends };
const credentials = {
  accessKeyId: "AKID",
  secretAccessKey: "hidden",
  sessionToken: "session",
  expiresAt: new Date(ends),
};
const signal = () => AbortSignal.timeout(10_000);
const ask = ({ cloud }: FakeCloud) => ownAwsCredentials(cloud, region, signal());

const role = { AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/leat" };
const xml = `<Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>hidden</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${ends}</Expiration></Credentials>`;
const node = "http://169.254.169.254/latest";
const nodeAnswers: Answers = {
  [`PUT ${node}/api/token`]: { body: "node-session" },
  [`GET ${node}/meta-data/iam/security-credentials/`]: { body: "worker\n" },
  [`GET ${node}/meta-data/iam/security-credentials/worker`]: { body: given },
};

suite("the controller's credentials at AWS", () => {
  test("are the keys in the environment, before all others", async () => {
    const keys = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "hidden", AWS_SESSION_TOKEN: "session" };
    await using cloud = await openCloud({}, { ...keys, ...role, AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere" });
    const { expiresAt: _, ...own } = credentials;
    assert.deepEqual(await ask(cloud), own);
    assert.equal(cloud.requests.length, 0);
  });

  test("are those of the role for service accounts", async () => {
    await using file = await fileOf("proof\n");
    const env = { ...role, AWS_WEB_IDENTITY_TOKEN_FILE: file.path, AWS_ROLE_SESSION_NAME: "mine" };
    await using cloud = await openCloud({ "POST https://sts.eu-west-1.amazonaws.com/": { body: xml } }, env);
    assert.deepEqual(await ask(cloud), credentials);
    const form = new URLSearchParams(cloud.requests[0]?.body);
    assert.deepEqual(
      ["Action", "RoleArn", "RoleSessionName", "WebIdentityToken"].map((name) => form.get(name)),
      ["AssumeRoleWithWebIdentity", role.AWS_ROLE_ARN, "mine", "proof"],
    );
  });

  test("are those of EKS Pod Identity, whose agent gets the token of the file", async () => {
    await using file = await fileOf("pod-token\n");
    const url = "http://169.254.170.23/v1/credentials";
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file.path };
    await using cloud = await openCloud({ [`GET ${url}`]: { body: given } }, env);
    assert.deepEqual(await ask(cloud), credentials);
    assert.equal(cloud.requests[0]?.headers["authorization"], "pod-token");
  });

  test("are those of a task of ECS", async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1" };
    await using cloud = await openCloud({ "GET http://169.254.170.2/v2/credentials/1": { body: given } }, env);
    assert.deepEqual(await ask(cloud), credentials);
  });

  test("are those of the node's role, which a session of the metadata service reads", async () => {
    await using cloud = await openCloud(nodeAnswers);
    assert.deepEqual(await ask(cloud), credentials);
    const sessions = cloud.requests.map(({ headers }) => headers["x-aws-ec2-metadata-token"]);
    assert.deepEqual(sessions, [undefined, "node-session", "node-session"]);
  });

  const faults: Array<[about: string, env: Environment, answers: Answers, message: RegExp]> = [
    ["there are none", { AWS_EC2_METADATA_DISABLED: "TRUE" }, nodeAnswers, /it has none: set up EKS Pod Identity/],
    [
      "the token's file cannot be read",
      { ...role, AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere" },
      {},
      /cannot read the token file of AWS_WEB_IDENTITY_TOKEN_FILE: ENOENT \/nowhere/,
    ],
    ["the node has no role", {}, { [`PUT ${node}/api/token`]: { body: "s" } }, /metadata service of the node.*404/],
    [
      "the answer holds no key",
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/1" },
      { "GET http://169.254.170.2/1": { body: { ...given, SecretAccessKey: undefined } } },
      /AWS returned no credentials/,
    ],
    [
      "the answer does not say when they end",
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/1" },
      { "GET http://169.254.170.2/1": { body: { ...given, Expiration: "soon" } } },
      /AWS returned no credentials/,
    ],
  ];
  for (const [about, env, answers, message] of faults) {
    test(`are a fault if ${about}`, async () => {
      await using cloud = await openCloud(answers, env);
      await assert.rejects(ask(cloud), { name: "Fault", reason: "AuthenticationFailed", message });
    });
  }
});
