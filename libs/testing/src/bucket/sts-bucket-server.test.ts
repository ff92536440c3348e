import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import { suite, test } from "node:test";
import { closeServer, listenOn, portOf } from "../server/loopback.ts";
import { requestServer } from "../server/server-request.ts";
import { type BucketCredentials, requestS3 } from "./s3-request.ts";
import { startStsBucketServer, type StsBucketServer } from "./sts-bucket-server.ts";

const audience = "sts.amazonaws.com";

/** Issues tokens as an API server does for service accounts, and publishes its key. */
async function startIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" }];
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys }));
  });
  await listenOn(server, 0);
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  const claims = { iss: issuer, sub: "system:serviceaccount:apps:source-controller", aud: audience };
  return {
    options: { issuer, audience, jwksUri: `${issuer}/keys` },
    token: (changes: Record<string, unknown> = {}, key: KeyObject = privateKey) =>
      tokenOf({ ...claims, ...changes }, key),
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

function tokenOf(claims: object, key: KeyObject): string {
  const now = Math.floor(Date.now() / 1000);
  const content = [
    { typ: "JWT", alg: "RS256", kid: "one" },
    { exp: now + 600, iat: now, nbf: now - 5, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signed = content.join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

/** Credentials for the token, or the status of the rejection. */
async function exchange({ url, roleArn }: StsBucketServer, token: string): Promise<BucketCredentials | number> {
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: "test",
    WebIdentityToken: token,
  }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await requestServer({ url }, { method: "POST", path: "/", headers, body });
  if (answer.status !== 200) return answer.status;
  const read = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer.body.toString())?.[1] ?? "";
  return {
    accessKeyId: read("AccessKeyId"),
    secretAccessKey: read("SecretAccessKey"),
    sessionToken: read("SessionToken"),
  };
}

suite("bucket server with STS", () => {
  test("gives a token of its issuer credentials that read, and no other", async () => {
    await using issuer = await startIssuer();
    await using server = await startStsBucketServer(issuer.options);
    const bucket = await server.createBucket("apps");
    await bucket.put("deploy.yaml", "kind: Deployment");
    const given = await exchange(server, issuer.token());
    assert.ok(typeof given === "object", "the token is rejected");
    const read = await requestS3(server, given, { path: "/apps/deploy.yaml" });
    assert.deepEqual([read.status, read.body.toString()], [200, "kind: Deployment"]);
    const written = await requestS3(server, given, { method: "PUT", path: "/apps/other.yaml", body: "" });
    assert.equal(written.status, 403);
    const { accessKeyId, secretAccessKey } = given;
    const withoutToken = await requestS3(server, { accessKeyId, secretAccessKey }, { path: "/apps/deploy.yaml" });
    assert.equal(withoutToken.status, 403);

    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const rejected = {
      "another audience": issuer.token({ aud: "sts.example.com" }),
      "another issuer": issuer.token({ iss: "http://127.0.0.1:1" }),
      "another key": issuer.token({}, stranger),
      expired: issuer.token({ exp: Math.floor(Date.now() / 1000) - 3600 }),
    };
    for (const [reason, token] of Object.entries(rejected))
      assert.ok(typeof (await exchange(server, token)) === "number", reason);
  });
});
