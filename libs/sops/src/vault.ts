import { isJsonObject, textOf } from "@leat/http";
import { withoutTrailing } from "@leat/text";
import { type KeyServices, postTo } from "./key-service.ts";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";

/** Gives a token for the Vault at an address, which is as a file has it. */
export type VaultToken = (address: string, signal: AbortSignal) => Promise<string>;

/** With the token of an entry.
 *
 * @throws Rejection where the entry holds none
 */
export function vaultTransitBy([name, text]: NamedText, services: KeyServices): KeyDecrypter {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Rejection(`${name} must contain a Vault token`);
  return vaultTransit(async () => token, services);
}

/** Decrypts data keys at the transit engine of HashiCorp Vault or OpenBao. */
export function vaultTransit(tokenFor: VaultToken, services: KeyServices): KeyDecrypter {
  return {
    decrypt: async ({ encrypted, fields }, signal) => {
      const named = textOf(fields["vault_address"]);
      const address = URL.parse(named);
      const path = [...textOf(fields["engine_path"]).split("/"), "decrypt", textOf(fields["key_name"])].filter(Boolean);
      const isHttp = address?.protocol === "https:" || address?.protocol === "http:";
      if (!isHttp || path.length < 3 || path.some((part) => /^\.\.?$/.test(part)))
        throw new Rejection("is not the URL of a key");
      const url = `${address.origin}${withoutTrailing(address.pathname, "/")}/v1/${path.map(encodeURIComponent).join("/")}`;
      const token = await tokenFor(named, signal);
      const headers = { "content-type": "application/json", "x-vault-token": token };
      const body = JSON.stringify({ ciphertext: encrypted });
      const { data } = await postTo(services, { url, headers, body, isForeign: true, secrets: [token], signal });
      return Buffer.from(textOf(isJsonObject(data) ? data["plaintext"] : ""), "base64");
    },
  };
}
