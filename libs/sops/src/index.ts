/**
 * Decrypts files that SOPS has encrypted: YAML, JSON, dotenv, INI and binary.
 *
 * - `readKeys`: private keys and credentials from a Secret's entries: age, OpenPGP, AWS KMS, Azure Key Vault, GCP KMS, Vault.
 * - `decrypt`: a file, with its MAC verified. It returns the decrypted values as well, because they must not occur in a message.
 * - `formatOf`: the format of a file, by its name.
 */
export type { KeyServiceIdentity } from "./key-service-identity.ts";
export { decrypt, type Decrypted, type DecryptRequest } from "./decrypt.ts";
export { type Format, formatOf } from "./format.ts";
export type { KeyServices } from "./key-service.ts";
export { type Keys, type KeysRead, readKeys } from "./keys.ts";
