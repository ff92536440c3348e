export type { KeyServiceIdentity } from "./key-service-identity.ts";
export { decrypt, type Decrypted, type DecryptRequest } from "./decrypt.ts";
export { type Format, formatOf } from "./format.ts";
export type { KeyServices } from "./key-service.ts";
export { type Keys, type KeysRead, readKeys } from "./keys.ts";
