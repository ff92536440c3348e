import { hash } from "node:crypto";
import { readAgeIdentities } from "./age.ts";
import type { MasterKey, MasterKeyKind } from "./master-key.ts";
import { readPrivateKeys } from "./pgp.ts";
import { Refusal } from "./refusal.ts";

/** Opens sealed data keys of one kind. */
export interface Opener {
  /**
   * @returns `undefined` where it has no key for this one
   * @throws Refusal with why it could not be opened; its message goes after the name of the master key
   */
  open: (key: MasterKey, signal: AbortSignal) => Promise<Buffer | undefined>;
}

/** What files may be decrypted with. */
export interface Keys {
  /** Tells one set of keys from another: SHA-256 over all of them, hexadecimal. */
  digest: string;
  openers: ReadonlyMap<MasterKeyKind, Opener>;
}

export type KeysRead =
  | { kind: "read"; keys: Keys }
  /** An entry is no key. The message names the entry, and nothing of what it holds. */
  | { kind: "refused"; message: string };

/**
 * Reads keys by the names of their entries: age identities from `*.agekey`, OpenPGP private keys from `*.asc`.
 *
 * @param entries name and content, as in the data of a Secret
 */
export async function readKeys(entries: ReadonlyMap<string, Buffer>): Promise<KeysRead> {
  try {
    const openers = new Map<MasterKeyKind, Opener>();
    const age = textsOf(entries, ".agekey");
    const pgp = textsOf(entries, ".asc");
    if (age.length > 0) openers.set("age", await readAgeIdentities(age));
    if (pgp.length > 0) openers.set("pgp", await readPrivateKeys(pgp));
    return { kind: "read", keys: { digest: digestOf(entries), openers } };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", message: error.message };
    throw error;
  }
}

/** An entry with its name. */
export type NamedText = readonly [name: string, text: string];

function textsOf(entries: ReadonlyMap<string, Buffer>, suffix: string): NamedText[] {
  return [...entries].filter(([name]) => name.endsWith(suffix)).map(([name, content]) => [name, content.toString()]);
}

function digestOf(entries: ReadonlyMap<string, Buffer>): string {
  const lines = [...entries].map(([name, content]) => JSON.stringify([name, hash("sha256", content)]));
  return hash("sha256", lines.toSorted((one, other) => (one < other ? -1 : 1)).join("\n"));
}
