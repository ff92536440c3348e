import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { signerOf } from "@leat/testing";
import { bodyOf, encryption, type ServiceAnswer, type ServiceRequest, useService } from "../test/loopback-service.ts";
import { contentOf, encryptedBySops, faultOf, keysOf, rejectionOf } from "../test/fixture.ts";

const text = "password: not-to-be-shown\n";
const decrypted = 'password: "not-to-be-shown"\n';

suite("AWS KMS", () => {
  const arn = "arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-0000-4000-8000-000000000000";
  const credentials = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "hidden/secret+key",
    sessionToken: "hidden-session",
  };
  const entry = `aws_access_key_id: ${credentials.accessKeyId}\naws_secret_access_key: ${credentials.secretAccessKey}\naws_session_token: ${credentials.sessionToken}\n`;
  const { encrypt, decrypt } = encryption();
  const { http, service } = useService(answer);

  function isSigned({ headers, path, body }: ServiceRequest): boolean {
    const url = new URL(path, `http://${headers["host"]}`);
    const own = (id: string) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined);
    return signerOf({ method: "POST", url, headers, body }, { region: "eu-west-1", service: "kms" }, own) !== undefined;
  }

  function answer(request: ServiceRequest): ServiceAnswer {
    if (!isSigned(request)) return { status: 403, body: { __type: "InvalidSignatureException", message: "wrong" } };
    const { KeyId = "", Plaintext = "", CiphertextBlob = "", EncryptionContext } = bodyOf(request);
    const what = (plain: string) => JSON.stringify([KeyId, EncryptionContext ?? {}, plain]);
    if (request.headers["x-amz-target"] === "TrentService.Encrypt") {
      return { body: { KeyId, CiphertextBlob: encrypt(what(Plaintext)) } };
    }
    const plain = JSON.parse(decrypt(CiphertextBlob) ?? "[]")[2];
    if (plain === undefined || what(plain) !== decrypt(CiphertextBlob)) {
      return { status: 400, body: { __type: "InvalidCiphertextException", message: "of another context" } };
    }
    return { body: { KeyId, Plaintext: plain } };
  }

  function encryptedByAws(kms: object): Promise<Buffer> {
    return encryptedBySops(
      "a.yaml",
      text,
      { key_groups: [{ kms: [kms] }] },
      {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
        AWS_ENDPOINT_URL_KMS: service.url,
      },
    );
  }

  const keys = (content = entry) => keysOf({ "sops.aws-kms": content }, { http, addresses: { aws: service.url } });

  test("decrypts what sops has encrypted with its SDK, in its context", async () => {
    const encrypted = await encryptedByAws({ arn, context: { app: "shop" } });
    assert.equal(String(await contentOf("a.yaml", encrypted, await keys())), decrypted);
  });

  test("that rejects is a fault with its words", async () => {
    const encrypted = await encryptedByAws({ arn, context: { app: "shop" } });
    const moved = String(encrypted).replace("app: shop", "app: other");
    assert.match(
      await faultOf("a.yaml", moved, await keys()),
      /AWS KMS arn:.* responded with 400: InvalidCiphertextException: of another/,
    );
    const others = await keys(entry.replace("secret+key", "other"));
    assert.match(await faultOf("a.yaml", encrypted, others), /responded with 403: InvalidSignatureException: wrong$/);
  });

  test("is asked in the region of the key alone", async () => {
    const encrypted = String(await encryptedByAws({ arn })).replace("eu-west-1", "evil.example/?");
    assert.match(await rejectionOf("a.yaml", encrypted, await keys()), /is not the ARN of a key$/);
  });
});
