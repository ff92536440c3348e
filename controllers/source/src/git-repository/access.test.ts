import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError, type Kube } from "@leat/kube";
import { createCertificateAuthority } from "@leat/testing";
import { accessOf } from "./access.ts";
import { gitRepository } from "./fixtures/git-repository.ts";

const { signal } = new AbortController();
const certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";

const authority = createCertificateAuthority();
const client = authority.issue({ commonName: "client" });
const other = authority.issue({ commonName: "other" });

type Secrets = Record<string, Record<string, string | Buffer>>;

/** A cluster with these Secrets in the namespace `team`. */
function clusterWith(secrets: Secrets): Pick<Kube, "get"> {
  return {
    get: async ({ resource, namespace, name }) => {
      assert.deepEqual([resource.kind, namespace], ["Secret", "team"]);
      const entries = Object.entries(secrets[name] ?? {});
      const data = Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
      return secrets[name] && { apiVersion: "v1", kind: "Secret", metadata: { name }, data };
    },
  };
}

async function access(secrets: Secrets, spec: object = { secretRef: { name: "auth" } }) {
  return accessOf(gitRepository(spec), clusterWith(secrets), signal);
}

suite("access is granted", () => {
  const rows: Array<[about: string, data: Record<string, string | Buffer>, expected: object]> = [
    [
      "with a password",
      { username: "me", password: "p" },
      { credentials: { kind: "basic", username: "me", password: "p" } },
    ],
    ["with a username alone", { username: "me" }, { credentials: { kind: "basic", username: "me", password: "" } }],
    ["with a bearer token", { bearerToken: "t" }, { credentials: { kind: "bearer", token: "t" } }],
    [
      "with a password before a token",
      { username: "me", password: "p", bearerToken: "t" },
      { credentials: { kind: "basic" } },
    ],
    ["with an authority", { "ca.crt": certificate }, { ca: certificate }],
    ["with an authority under its old name", { caFile: certificate }, { ca: certificate }],
    [
      "with the authority under its new name before the old one",
      { "ca.crt": certificate, caFile: "old" },
      { ca: certificate },
    ],
    [
      "with a client certificate",
      { "tls.crt": client.certificate, "tls.key": client.key },
      { cert: client.certificate, key: client.key },
    ],
    ["whatever the keys that are not read contain", { address: Buffer.from([0xff]) }, { timeoutMs: 60_000 }],
    ["with an empty Secret, which a message may name", {}, { credentials: undefined, secret: "Secret/team/auth" }],
  ];
  for (const [about, data, expected] of rows) {
    test(about, async () => {
      const granted = await access({ auth: data });
      assert.partialDeepStrictEqual(granted, { kind: "granted", remote: expected });
    });
  }

  test("without any Secret", async () => {
    assert.equal((await access({}, {})).kind, "granted");
  });

  test("through a proxy whose credentials may have any characters", async () => {
    const proxy = { address: "http://proxy.example:3128", username: "a@b", password: "p/w" };
    const granted = await access({ proxy }, { proxySecretRef: { name: "proxy" }, timeout: "90s" });
    assert.partialDeepStrictEqual(granted, {
      kind: "granted",
      remote: { proxy: "http://a%40b:p%2Fw@proxy.example:3128/", timeoutMs: 90_000 },
    });
  });
});

suite("access is denied", () => {
  const rows: Array<[about: string, data: Secrets[string] | undefined, why: RegExp]> = [
    ["where the Secret does not exist", undefined, /^Secret\/team\/auth of spec\.secretRef does not exist$/],
    [
      "where there is a password without a username",
      { password: "hidden" },
      /Secret\/team\/auth has a password but no username/,
    ],
    ["where half of a client certificate is missing", { "tls.crt": "c" }, /tls\.crt but no tls\.key/],
    ["where the other half is missing", { "tls.key": "k" }, /tls\.key but no tls\.crt/],
    [
      "where the client certificate is no certificate",
      { "tls.crt": "x", "tls.key": client.key },
      /^tls\.crt of Secret\/team\/auth does not contain a PEM certificate$/,
    ],
    [
      "where its key is no key",
      { "tls.crt": client.certificate, "tls.key": "hidden" },
      /^tls\.key of Secret\/team\/auth does not contain an unencrypted PEM private key$/,
    ],
    [
      "where its key is that of another certificate",
      { "tls.crt": client.certificate, "tls.key": other.key },
      /^tls\.key of Secret\/team\/auth is not the key of tls\.crt$/,
    ],
    [
      "where the authority is no certificate",
      { "ca.crt": "nonsense" },
      /ca\.crt of Secret\/team\/auth does not contain a PEM certificate/,
    ],
    [
      "where the password is not text",
      { username: "me", password: Buffer.from([0xff]) },
      /^password of Secret\/team\/auth is not UTF-8 text$/,
    ],
  ];
  for (const [about, data, why] of rows) {
    test(about, async () => {
      const denied = await access(data ? { auth: data } : {});
      assert(denied.kind === "denied");
      assert.match(denied.why, why);
      assert.doesNotMatch(denied.why, /hidden/);
    });
  }

  for (const [about, address, why] of [
    ["has no address", undefined, /has no address/],
    ["is of another kind", "ftp://x", /not an http, https or socks5 URL/],
    ["is no URL", "nonsense", /not an http, https or socks5 URL/],
    ["is too long", `http://${"x".repeat(2048)}`, /not an http, https or socks5 URL/],
  ] as const) {
    test(`where the proxy ${about}`, async () => {
      const denied = await access(
        { proxy: address === undefined ? {} : { address } },
        { proxySecretRef: { name: "proxy" } },
      );
      assert(denied.kind === "denied");
      assert.match(denied.why, why);
    });
  }

  test("where the Secret of the proxy does not exist", async () => {
    assert.deepEqual(await access({}, { proxySecretRef: { name: "proxy" } }), {
      kind: "denied",
      why: "Secret/team/proxy of spec.proxySecretRef does not exist",
    });
  });

  for (const field of ["secretRef", "proxySecretRef"]) {
    test(`where the Secret of spec.${field} may not be read`, async () => {
      const rejection = 'secrets "auth" is forbidden: User "me" cannot get resource "secrets"';
      const kube = { get: () => Promise.reject(new ApiError(403, "Forbidden", rejection)) };
      assert.deepEqual(await accessOf(gitRepository({ [field]: { name: "auth" } }), kube, signal), {
        kind: "denied",
        why: `Secret/team/auth of spec.${field} cannot be read: ${rejection}`,
      });
    });
  }
});
