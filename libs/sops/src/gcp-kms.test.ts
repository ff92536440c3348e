import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import {
  bodyOf,
  encryption,
  type ServiceAnswer,
  type ServiceRequest,
  tokenSignedBy,
  useService,
} from "../test/loopback-service.ts";
import { contentOf, encryptedBySops, faultOf, keysOf, read } from "../test/fixture.ts";

const text = "password: not-to-be-shown\n";
const decrypted = 'password: "not-to-be-shown"\n';

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaPem = rsa.privateKey.export({ type: "pkcs8", format: "pem" });

suite("GCP KMS", () => {
  const id = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
  const { encrypt, decrypt } = encryption();
  const { http, service } = useService(answer);

  function answer(request: ServiceRequest): ServiceAnswer {
    const form = new URLSearchParams(request.body);
    if (request.path === "/token") {
      const token = tokenSignedBy(rsa.publicKey, form.get("assertion"));
      const { iss, scope, aud } = token?.claims ?? {};
      const isAccount =
        form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
        JSON.stringify([token?.header["kid"], iss, scope, aud]) ===
          JSON.stringify([
            "key-id",
            "sops@p.example",
            "https://www.googleapis.com/auth/cloudkms",
            `${service.url}/token`,
          ]);
      const isUser = form.get("grant_type") === "refresh_token" && form.get("refresh_token") === "hidden-refresh";
      if (isAccount || isUser) return { body: { access_token: "hidden-token", expires_in: 3600 } };
      return { status: 400, body: { error: "invalid_grant", error_description: "no such account" } };
    }
    const { plaintext = "", ciphertext = "" } = bodyOf(request);
    if (request.headers["authorization"] !== "Bearer hidden-token") {
      return { status: 401, body: { error: { code: 401, status: "UNAUTHENTICATED", message: "who?" } } };
    }
    if (request.path === `/v1/${id}:encrypt`) return { body: { name: id, ciphertext: encrypt(plaintext) } };
    const plain = request.path === `/v1/${id}:decrypt` ? decrypt(ciphertext) : undefined;
    if (plain !== undefined) return { body: { plaintext: plain } };
    return { status: 403, body: { error: { code: 403, status: "PERMISSION_DENIED", message: "not yours" } } };
  }

  const account = () => ({
    type: "service_account",
    client_email: "sops@p.example",
    private_key_id: "key-id",
    private_key: rsaPem,
    token_uri: `${service.url}/token`,
  });
  const keys = (credentials: object) =>
    keysOf({ "sops.gcp-kms": JSON.stringify(credentials) }, { http, addresses: { gcp: service.url } });
  const encryptedByGcp = () =>
    encryptedBySops(
      "a.yaml",
      text,
      { gcp_kms: id },
      {
        SOPS_GCP_KMS_CLIENT_TYPE: "rest",
        SOPS_GCP_KMS_ENDPOINT: service.url,
        GOOGLE_OAUTH_ACCESS_TOKEN: "hidden-token",
      },
    );

  test("decrypts what sops has encrypted, for a service account, which gets one token for several files", async () => {
    const [encrypted, held] = await Promise.all([encryptedByGcp(), keys(account())]);
    const tokensBefore = service.requests.filter(({ path }) => path === "/token").length;
    for (let round = 0; round < 2; round += 1)
      assert.equal(String(await contentOf("a.yaml", encrypted, held)), decrypted);
    assert.equal(service.requests.filter(({ path }) => path === "/token").length, tokensBefore + 1);
  });

  test("decrypts it for a user who has logged in", async () => {
    const user = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "hidden-refresh" };
    const held = await keys({ ...user, token_uri: `${service.url}/token` });
    assert.equal(String(await contentOf("a.yaml", await encryptedByGcp(), held)), decrypted);
  });

  test("that gives no token, or rejects, is a fault with its words", async () => {
    const encrypted = await encryptedByGcp();
    const other = await keys({ ...account(), client_email: "other@p.example" });
    assert.match(await faultOf("a.yaml", encrypted, other), /responded with 400: invalid_grant$/);
    const moved = String(encrypted).replace(id, id.replace("cryptoKeys/k", "cryptoKeys/other"));
    assert.match(
      await faultOf("a.yaml", moved, await keys(account())),
      /responded with 403: PERMISSION_DENIED: not yours$/,
    );
  });

  test("is not asked by credentials of other types", async () => {
    const answer_ = await read({ "sops.gcp-kms": '{"type": "external_account"}' });
    assert(answer_.kind === "rejected");
    assert.match(
      answer_.message,
      /^sops\.gcp-kms has credentials of the unsupported type external_account; supported: service_account,/,
    );
  });
});
