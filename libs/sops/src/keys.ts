import { hash } from "node:crypto";
import { readAgeIdentities } from "./age.ts";
import { decryptersFor, type KeyServiceIdentity } from "./key-service-identity.ts";
import { awsKmsBy } from "./aws-kms.ts";
import { azureKeyVaultBy } from "./azure-key-vault.ts";
import { gcpKmsBy } from "./gcp-kms.ts";
import type { KeyServices } from "./key-service.ts";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import type { MasterKeyKind } from "./master-key.ts";
import { readPrivateKeys } from "./pgp.ts";
import { Rejection } from "./rejection.ts";
import { vaultTransitBy } from "./vault.ts";

/** What files may be decrypted with. */
export interface Keys {
  /** Tells one set of keys from another: SHA-256 over all of them and the identity, hexadecimal. */
  digest: string;
  decrypters: ReadonlyMap<MasterKeyKind, KeyDecrypter>;
}

export type KeysRead =
  | { kind: "read"; keys: Keys }
  /** An entry is no key. The message names the entry, and nothing of what it holds. */
  | { kind: "rejected"; message: string };

/** How an entry is read, by its name. */
const readers: Array<[kind: MasterKeyKind, takes: (name: string) => boolean, read: Reader]> = [
  ["age", (name) => name.endsWith(".agekey"), readAgeIdentities],
  ["pgp", (name) => name.endsWith(".asc"), readPrivateKeys],
  ["kms", (name) => name === "sops.aws-kms", ([entry], services) => awsKmsBy(entry, services)],
  ["gcp_kms", (name) => name === "sops.gcp-kms", ([entry], services) => gcpKmsBy(entry, services)],
  ["azure_kv", (name) => name === "sops.azure-kv", ([entry], services) => azureKeyVaultBy(entry, services)],
  ["hc_vault", (name) => name === "sops.vault-token", ([entry], services) => vaultTransitBy(entry, services)],
];

type Reader = (
  entries: readonly [NamedText, ...NamedText[]],
  services: KeyServices,
) => KeyDecrypter | Promise<KeyDecrypter>;

/**
 * Reads keys by the names of their entries: age identities from `*.agekey`, OpenPGP private keys from `*.asc`, credentials
 * for key services from `sops.aws-kms`, `sops.gcp-kms`, `sops.azure-kv` and `sops.vault-token`. Other entries are left alone.
 *
 * @param entries name and content, as in the data of a Secret
 * @param identity whose rights count at key services for which there is no entry; without it, those are not used
 */
export async function readKeys(
  entries: ReadonlyMap<string, Buffer>,
  services: KeyServices,
  identity?: KeyServiceIdentity,
): Promise<KeysRead> {
  try {
    const decrypters = identity ? decryptersFor(identity, services) : new Map<MasterKeyKind, KeyDecrypter>();
    for (const [kind, takes, read] of readers) {
      const named = [...entries].filter(([name]) => takes(name));
      const [first, ...more] = named.map(([name, content]): NamedText => [name, textIn(content)]);
      if (first) decrypters.set(kind, await read([first, ...more], services));
    }
    return { kind: "read", keys: { digest: digestOf(entries, identity), decrypters } };
  } catch (error) {
    if (error instanceof Rejection) return { kind: "rejected", message: error.message };
    throw error;
  }
}

/** Some tools of Windows write UTF-16, and a mark of the order of bytes. */
function textIn(content: Buffer): string {
  const [first, second] = content;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(content);
}

function digestOf(entries: ReadonlyMap<string, Buffer>, identity: KeyServiceIdentity | undefined): string {
  const lines = [...entries].map(([name, content]) => JSON.stringify([name, hash("sha256", content)]));
  const sorted = lines.toSorted((one, other) => (one < other ? -1 : 1));
  return hash("sha256", [...sorted, ...(identity ? [JSON.stringify(identity.key)] : [])].join("\n"));
}
