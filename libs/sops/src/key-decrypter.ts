import type { MasterKey } from "./master-key.ts";

/** An entry with its name. */
export type NamedText = readonly [name: string, text: string];

/** Decrypts data keys of one kind. */
export interface KeyDecrypter {
  /**
   * @returns `undefined` where it has no key for this one
   * @throws Rejection with why it cannot be decrypted, Fault where a service did not decrypt it; the name of the master key goes
   *   before their messages
   */
  decrypt: (key: MasterKey, signal: AbortSignal) => Promise<Buffer | undefined>;
}
