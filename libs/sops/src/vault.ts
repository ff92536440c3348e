import { ask, type KeyServices } from "./key-service.ts";
import type { NamedText, Opener } from "./keys.ts";
import { textOf } from "./master-key.ts";
import { Refusal } from "./refusal.ts";
import { isFields } from "./sealed-file.ts";

/**
 * Opens data keys at the transit engine of HashiCorp Vault or OpenBao, with a token.
 *
 * @throws Refusal where the entry holds none
 */
export function vaultTransit([name, text]: NamedText, services: KeyServices): Opener {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Refusal(`${name} must hold a token of Vault`);
  return {
    open: async ({ sealed, fields }, signal) => {
      const address = URL.parse(textOf(fields["vault_address"]));
      const path = [...textOf(fields["engine_path"]).split("/"), "decrypt", textOf(fields["key_name"])].filter(Boolean);
      const isHttp = address?.protocol === "https:" || address?.protocol === "http:";
      if (!isHttp || path.length < 3 || path.some((part) => /^\.\.?$/.test(part)))
        throw new Refusal("is no address of a key");
      const url = `${address.origin}${address.pathname.replace(/\/+$/, "")}/v1/${path.map(encodeURIComponent).join("/")}`;
      const headers = { "content-type": "application/json", "x-vault-token": token };
      const { data } = await ask(services, { url, headers, body: JSON.stringify({ ciphertext: sealed }), signal });
      return Buffer.from(textOf(isFields(data) ? data["plaintext"] : ""), "base64");
    },
  };
}
