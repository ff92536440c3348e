import { isJsonObject, type JsonObject, textOf } from "@leat/http";

/** A key for which a file is encrypted, and the file's data key as that key has encrypted it. */
export interface MasterKey {
  kind: MasterKeyKind;
  /** What tells it from others of its kind: a recipient, a fingerprint, an address. */
  id: string;
  /** The encrypted data key. */
  encrypted: string;
  /** As the file has it. */
  fields: JsonObject;
}

export type MasterKeyKind = "age" | "pgp" | "kms" | "gcp_kms" | "azure_kv" | "hc_vault" | "hckms";

/** In the order in which they are tried: what is decrypted here before what a key service decrypts. */
const kinds: Record<MasterKeyKind, { what: string; id: (fields: JsonObject) => string }> = {
  age: { what: "age", id: ({ recipient }) => textOf(recipient) },
  pgp: { what: "OpenPGP", id: ({ fp }) => textOf(fp) },
  kms: { what: "AWS KMS", id: ({ arn }) => textOf(arn) },
  gcp_kms: { what: "GCP KMS", id: ({ resource_id }) => textOf(resource_id) },
  azure_kv: { what: "Azure Key Vault", id: ({ vault_url, name }) => `${textOf(vault_url)}/keys/${textOf(name)}` },
  hc_vault: {
    what: "Vault",
    id: ({ vault_address, engine_path, key_name }) =>
      `${textOf(vault_address).replace(/\/$/, "")}/v1/${textOf(engine_path)}/keys/${textOf(key_name)}`,
  },
  hckms: { what: "Huawei Cloud KMS", id: ({ key_id }) => textOf(key_id) },
};

/** The master keys in the metadata of a file, or in one of its key groups. */
export function masterKeysIn(fields: JsonObject): MasterKey[] {
  return (Object.keys(kinds) as MasterKeyKind[]).flatMap((kind) => {
    const entries: unknown = fields[kind];
    if (!Array.isArray(entries)) return [];
    return entries
      .filter(isJsonObject)
      .map((entry) => ({ kind, id: kinds[kind].id(entry), encrypted: textOf(entry["enc"]), fields: entry }));
  });
}

/** A master key as a message names it. */
export function nameOf({ kind, id }: MasterKey): string {
  return kind === "age" ? id : `${kinds[kind].what} ${id}`;
}
