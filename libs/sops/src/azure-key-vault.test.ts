import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, X509Certificate } from "node:crypto";
import { suite, test } from "node:test";
import { createCertificateAuthority } from "@leat/testing";
import {
  bodyOf,
  type ServiceAnswer,
  type ServiceRequest,
  tokenSignedBy,
  useService,
} from "../test/loopback-service.ts";
import { contentOf, faultOf, keysOf, rejectionOf, reencrypted } from "../test/fixture.ts";

const text = "password: not-to-be-shown\n";
const decrypted = 'password: "not-to-be-shown"\n';

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsaPem = rsa.privateKey.export({ type: "pkcs8", format: "pem" });

suite("Azure Key Vault", () => {
  const { certificate } = createCertificateAuthority();
  const x5t = Buffer.from(new X509Certificate(certificate).fingerprint.replaceAll(":", ""), "hex").toString(
    "base64url",
  );
  const { http, service } = useService(answer);

  function answer(request: ServiceRequest): ServiceAnswer {
    const form = new URLSearchParams(request.body);
    if (request.path === "/tenant/oauth2/v2.0/token") {
      const token = tokenSignedBy(rsa.publicKey, form.get("client_assertion"));
      const isByCertificate = token?.header["x5t"] === x5t && token.claims["sub"] === "client";
      const isKnown = form.get("client_secret") === "hidden-secret" || isByCertificate;
      if (isKnown && form.get("client_id") === "client" && form.get("scope") === "https://vault.azure.net/.default")
        return { body: { access_token: "hidden-token", expires_in: 3600 } };
      return { status: 401, body: { error: "invalid_client", error_description: "AADSTS7000215" } };
    }
    const isAllowed = request.headers["authorization"] === "Bearer hidden-token";
    if (!isAllowed || request.path !== "/keys/sops/1/decrypt" || request.query.get("api-version") !== "7.4")
      return { status: 403, body: { error: { code: "Forbidden", message: "no right to decrypt" } } };
    const { alg, value = "" } = bodyOf(request);
    assert.equal(alg, "RSA-OAEP-256");
    const padding = { key: rsa.privateKey, oaepHash: "sha256", padding: constants.RSA_PKCS1_OAEP_PADDING };
    return {
      body: { kid: "k", value: privateDecrypt(padding, Buffer.from(value, "base64url")).toString("base64url") },
    };
  }

  function encryptedByAzure(vault_url = "https://shop.vault.azure.net", version = "1"): Promise<string> {
    return reencrypted(text, async (dataKey) => {
      const enc = publicEncrypt({ key: rsa.publicKey, oaepHash: "sha256" }, dataKey).toString("base64url");
      return { azure_kv: [{ vault_url, name: "sops", version, created_at: "2026-01-01T00:00:00Z", enc }] };
    });
  }

  const keys = (entry: string | Buffer) =>
    keysOf({ "sops.azure-kv": entry }, { http, addresses: { azure: service.url } });
  const secretEntry = (secret = "hidden-secret") =>
    `tenantId: tenant\nclientId: client\nclientSecret: ${secret}\nauthorityHost: ${service.url}/\n`;

  test("decrypts what is encrypted, for a secret in either form", async () => {
    const encrypted = await encryptedByAzure();
    assert.equal(String(await contentOf("a.yaml", encrypted, await keys(secretEntry()))), decrypted);
    const printed = JSON.stringify({
      appId: "client",
      tenant: "tenant",
      password: "hidden-secret",
      authorityHost: service.url,
    });
    assert.equal(String(await contentOf("a.yaml", encrypted, await keys(printed))), decrypted);
  });

  test("reads what tools of Windows write", async () => {
    const entry = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(secretEntry(), "utf16le")]);
    assert.equal(String(await contentOf("a.yaml", await encryptedByAzure(), await keys(entry))), decrypted);
  });

  test("decrypts what is encrypted, for a certificate", async () => {
    const entry = JSON.stringify({
      tenantId: "tenant",
      clientId: "client",
      clientCertificate: rsaPem + certificate,
      authorityHost: service.url,
    });
    assert.equal(String(await contentOf("a.yaml", await encryptedByAzure(), await keys(entry))), decrypted);
  });

  test("that rejects is a fault with its words", async () => {
    const encrypted = await encryptedByAzure();
    assert.match(await faultOf("a.yaml", encrypted, await keys(secretEntry("hidden-other"))), /401: invalid_client$/);
    const moved = await encryptedByAzure("https://shop.vault.azure.net", "2");
    assert.match(
      await faultOf("a.yaml", moved, await keys(secretEntry())),
      /responded with 403: Forbidden: no right to decrypt$/,
    );
  });

  test("is asked at Azure alone", async () => {
    for (const url of [
      "https://vault.evil.example",
      "http://shop.vault.azure.net",
      "https://evil.example/.vault.azure.net",
    ]) {
      const message = await rejectionOf("a.yaml", await encryptedByAzure(url), await keys(secretEntry()));
      assert.match(message, /is not an Azure Key Vault key with its version$/);
    }
  });
});
