import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encryption, type ServiceAnswer, type ServiceRequest, useService } from "../test/loopback-service.ts";
import { ageKey, contentOf, encryptedBySops, faultOf, keysOf, rejectionOf } from "../test/fixture.ts";

const text = "password: not-to-be-shown\n";
const decrypted = 'password: "not-to-be-shown"\n';

suite("Vault", () => {
  const { encrypt, decrypt } = encryption();
  const { http, service } = useService(answer);

  function answer({ path, headers, body }: ServiceRequest): ServiceAnswer {
    if (headers["x-vault-token"] !== "hidden-token") return { status: 403, body: { errors: ["permission denied"] } };
    const { plaintext = "", ciphertext = "" } = JSON.parse(body) as Record<string, string>;
    if (path === "/v1/sops/transit/encrypt/key")
      return { body: { data: { ciphertext: `vault:v1:${encrypt(plaintext)}` } } };
    const plain = path === "/v1/sops/transit/decrypt/key" ? decrypt(ciphertext.replace("vault:v1:", "")) : undefined;
    return plain === undefined
      ? { status: 400, body: { errors: ["invalid ciphertext"] } }
      : { body: { data: { plaintext: plain } } };
  }

  const keys = (token = "hidden-token\n") => keysOf({ "sops.vault-token": token }, { http });
  const encryptedByVault = () =>
    encryptedBySops(
      "a.yaml",
      text,
      { hc_vault_transit_uri: `${service.url}/v1/sops/transit/keys/key` },
      { VAULT_TOKEN: "hidden-token" },
    );

  test("decrypts what sops has encrypted", async () => {
    assert.equal(String(await contentOf("a.yaml", await encryptedByVault(), await keys())), decrypted);
  });

  test("that rejects is a fault with its words", async () => {
    const encrypted = await encryptedByVault();
    assert.match(
      await faultOf("a.yaml", encrypted, await keys("hidden-other")),
      /Vault http:.*\/v1\/sops\/transit\/keys\/key responded with 403: permission denied$/,
    );
  });

  test("that is not there is a fault", async () => {
    const encrypted = String(await encryptedByVault()).replace(service.url, "http://127.0.0.1:1");
    assert.match(await faultOf("a.yaml", encrypted, await keys()), /failed to respond: http:\/\/127\.0\.0\.1:1/);
  });

  test("is asked only where no available key decrypts the file", async () => {
    const age = await ageKey();
    const rule = { age: age.recipient, hc_vault_transit_uri: `${service.url}/v1/sops/transit/keys/key` };
    const encrypted = await encryptedBySops("a.yaml", text, rule, { VAULT_TOKEN: "hidden-token" });
    const asked = service.requests.length;
    const both = await keysOf({ "a.agekey": age.identity, "sops.vault-token": "hidden-token" }, { http });
    assert.equal(String(await contentOf("a.yaml", encrypted, both)), decrypted);
    assert.equal(service.requests.length, asked);
    assert.equal(String(await contentOf("a.yaml", encrypted, await keys())), decrypted);
    assert.equal(service.requests.length, asked + 1);
  });

  test("is named as what the file is encrypted for, where there is no token", async () => {
    assert.match(await rejectionOf("a.yaml", await encryptedByVault(), await keysOf({})), /recipients: Vault http/);
  });
});
