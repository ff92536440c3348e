import { X509Certificate } from "node:crypto";
import { textOf } from "@leat/http";
import { assertion, assertionType } from "@leat/identity";
import { withoutTrailing } from "@leat/text";
import { credentialsIn, type Credentials } from "./credentials.ts";
import { type KeyServices, postTo } from "./key-service.ts";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";
import { type Authorize, privateKey, tokens } from "./token.ts";

/** Whose tokens go to vaults of which domain: one for another is never shown to it. */
const domains = [
  "vault.azure.net",
  "managedhsm.azure.net",
  "vault.azure.cn",
  "managedhsm.azure.cn",
  "vault.usgovcloudapi.net",
  "managedhsm.usgovcloudapi.net",
];

const apiVersion = "7.4";

/**
 * Decrypts data keys at Azure Key Vault.
 *
 * @param authorization by a scope
 */
export function azureKeyVault(authorization: (scope: string) => Authorize, services: KeyServices): KeyDecrypter {
  const byDomain = new Map<string, Authorize>();
  return {
    decrypt: async ({ encrypted, fields }, signal) => {
      const vault = URL.parse(textOf(fields["vault_url"]));
      const domain = domains.find((one) => vault?.hostname.endsWith(`.${one}`));
      const path = [textOf(fields["name"]), textOf(fields["version"])];
      if (vault?.protocol !== "https:" || domain === undefined || !path.every((part) => /^[\w-]+$/.test(part))) {
        throw new Rejection("is not an Azure Key Vault key with its version");
      }
      const authorize = byDomain.getOrInsertComputed(domain, () => authorization(`https://${domain}/.default`));
      const address = services.addresses?.azure ?? vault.origin;
      const url = `${address}/keys/${path.join("/")}/decrypt?api-version=${apiVersion}`;
      const headers = { "content-type": "application/json", ...(await authorize(signal)) };
      const answer = await postTo(services, {
        url,
        headers,
        body: JSON.stringify({ alg: "RSA-OAEP-256", value: encrypted }),
        signal,
      });
      return Buffer.from(textOf(answer["value"]), "base64url");
    },
  };
}

/**
 * As a service principal with a secret or a certificate.
 *
 * @throws Rejection where the entry holds none
 */
export function azureKeyVaultBy([name, text]: NamedText, services: KeyServices): KeyDecrypter {
  return azureKeyVault(principal(name, credentialsIn([name, text]), services), services);
}

/** Who asks, in the form of Azure's SDKs or in that which `az ad sp create-for-rbac` prints. */
function principal(name: string, fields: Credentials, services: KeyServices): (scope: string) => Authorize {
  const client_id = fields.optional("clientId") ?? fields.optional("appId");
  const tenant = fields.optional("tenantId") ?? fields.optional("tenant");
  const client_secret = fields.optional("clientSecret") ?? fields.optional("password");
  const certificate = fields.optional("clientCertificate");
  if (client_id === undefined || tenant === undefined || (client_secret ?? certificate) === undefined) {
    throw new Rejection(
      `${name} requires tenantId, clientId and clientSecret or clientCertificate; remove it to use workload identity`,
    );
  }
  const authority = withoutTrailing(fields.optional("authorityHost") ?? "https://login.microsoftonline.com", "/");
  const url = `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  const proof =
    client_secret === undefined
      ? proofByCertificate(name, certificate ?? "", { client_id, url })
      : () => ({ client_secret });
  return (scope) => tokens(services, url, () => ({ grant_type: "client_credentials", client_id, scope, ...proof() }));
}

/** @param pem a private key and its certificate */
function proofByCertificate(name: string, pem: string, { client_id, url }: { client_id: string; url: string }) {
  const key = privateKey(
    name,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(pem)?.[0] ?? "",
  );
  const x5t = Buffer.from(certificateIn(name, pem).fingerprint.replaceAll(":", ""), "hex").toString("base64url");
  return () => ({
    client_assertion_type: assertionType,
    client_assertion: assertion(key, { x5t }, { iss: client_id, sub: client_id, aud: url, jti: crypto.randomUUID() }),
  });
}

function certificateIn(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem)?.[0] ?? "");
  } catch {
    throw new Rejection(`${name} has a clientCertificate without a certificate`);
  }
}
