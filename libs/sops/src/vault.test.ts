import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createHttp, type Http } from "@leat/http";
import {
  type LoopbackService,
  sealing,
  type ServiceAnswer,
  type ServiceRequest,
  startService,
} from "../test/loopback-service.ts";
import { ageKey, contentOf, encrypted, faultOf, keysOf, refusalOf } from "../test/workbench.ts";

const text = "password: not-to-be-shown\n";
const opened = 'password: "not-to-be-shown"\n';

suite("Vault", () => {
  const { seal, open } = sealing();
  let http: Http;
  let service: LoopbackService;
  before(async () => {
    http = createHttp();
    service = await startService(answer);
  });
  after(async () => {
    await http[Symbol.asyncDispose]();
    await service[Symbol.asyncDispose]();
  });

  function answer({ path, headers, body }: ServiceRequest): ServiceAnswer {
    if (headers["x-vault-token"] !== "hidden-token") return { status: 403, body: { errors: ["permission denied"] } };
    const { plaintext = "", ciphertext = "" } = JSON.parse(body) as Record<string, string>;
    if (path === "/v1/sops/transit/encrypt/key")
      return { body: { data: { ciphertext: `vault:v1:${seal(plaintext)}` } } };
    const plain = path === "/v1/sops/transit/decrypt/key" ? open(ciphertext.replace("vault:v1:", "")) : undefined;
    return plain === undefined
      ? { status: 400, body: { errors: ["invalid ciphertext"] } }
      : { body: { data: { plaintext: plain } } };
  }

  const keys = (token = "hidden-token\n") => keysOf({ "sops.vault-token": token }, { http });
  const sealedByVault = () =>
    encrypted(
      "a.yaml",
      text,
      { hc_vault_transit_uri: `${service.url}/v1/sops/transit/keys/key` },
      { VAULT_TOKEN: "hidden-token" },
    );

  test("opens what sops has sealed", async () => {
    assert.equal(String(await contentOf("a.yaml", await sealedByVault(), await keys())), opened);
  });

  test("that refuses is a fault with its words", async () => {
    const sealed = await sealedByVault();
    assert.match(
      await faultOf("a.yaml", sealed, await keys("hidden-other")),
      /Vault http:.*\/v1\/sops\/transit\/keys\/key answered 403: permission denied$/,
    );
  });

  test("that is not there is a fault", async () => {
    const sealed = String(await sealedByVault()).replace(service.url, "http://127.0.0.1:1");
    assert.match(await faultOf("a.yaml", sealed, await keys()), /failed to answer: http:\/\/127\.0\.0\.1:1/);
  });

  test("is asked only where no key at hand opens the file", async () => {
    const age = await ageKey();
    const rule = { age: age.recipient, hc_vault_transit_uri: `${service.url}/v1/sops/transit/keys/key` };
    const sealed = await encrypted("a.yaml", text, rule, { VAULT_TOKEN: "hidden-token" });
    const asked = service.requests.length;
    const both = await keysOf({ "a.agekey": age.identity, "sops.vault-token": "hidden-token" }, { http });
    assert.equal(String(await contentOf("a.yaml", sealed, both)), opened);
    assert.equal(service.requests.length, asked);
    assert.equal(String(await contentOf("a.yaml", sealed, await keys())), opened);
    assert.equal(service.requests.length, asked + 1);
  });

  test("is named as what the file is encrypted for, where there is no token", async () => {
    assert.match(await refusalOf("a.yaml", await sealedByVault(), await keysOf({})), /it is encrypted for Vault http/);
  });
});
