import { textOf } from "@leat/http";
import { assertion } from "@leat/identity";
import { credentialsIn, type Credentials } from "./credentials.ts";
import { type KeyServices, postTo } from "./key-service.ts";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";
import { type Authorize, privateKey, tokens } from "./token.ts";

const tokenAddress = "https://oauth2.googleapis.com/token";
const scope = "https://www.googleapis.com/auth/cloudkms";

/** Decrypts data keys at the key service of Google Cloud. */
export function gcpKms(authorize: Authorize, services: KeyServices): KeyDecrypter {
  return {
    decrypt: async ({ id, encrypted }, signal) => {
      if (!/^projects\/[\w.:-]+\/locations\/[\w-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/.test(id)) {
        throw new Rejection("is not a key name");
      }
      const url = `${services.addresses?.gcp ?? "https://cloudkms.googleapis.com"}/v1/${id}:decrypt`;
      const headers = { "content-type": "application/json", ...(await authorize(signal)) };
      const answer = await postTo(services, { url, headers, body: JSON.stringify({ ciphertext: encrypted }), signal });
      return Buffer.from(textOf(answer["plaintext"]), "base64");
    },
  };
}

/**
 * As a service account, or as a user who has logged in.
 *
 * @throws Rejection where the entry holds neither
 */
export function gcpKmsBy(entry: NamedText, services: KeyServices): KeyDecrypter {
  return gcpKms(authorization(entry, credentialsIn(entry), services), services);
}

function authorization([name]: NamedText, fields: Credentials, services: KeyServices): Authorize {
  const url = fields.optional("token_uri") ?? tokenAddress;
  const type = fields("type");
  if (type === "service_account") {
    const key = privateKey(name, fields("private_key"));
    const iss = fields("client_email");
    const kid = fields.optional("private_key_id");
    return tokens(services, url, () => ({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: assertion(key, { kid }, { iss, scope, aud: url }),
    }));
  }
  if (type !== "authorized_user") {
    throw new Rejection(
      `${name} has credentials of the unsupported type ${type}; supported: service_account, authorized_user`,
    );
  }
  const form = {
    grant_type: "refresh_token",
    client_id: fields("client_id"),
    client_secret: fields("client_secret"),
    refresh_token: fields("refresh_token"),
  };
  return tokens(services, url, () => form);
}
