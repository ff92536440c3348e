import { isJsonObject, type JsonObject, textOf } from "@leat/http";
import { type MasterKey, masterKeysIn } from "./master-key.ts";
import { Rejection } from "./rejection.ts";

/** What sops has written into a file beside its values. */
export interface Metadata {
  /** Encrypted. */
  mac: string;
  /** The time of the last change, to which the MAC is bound. */
  lastModified: string;
  /** Whether the MAC is over the encrypted values alone. */
  macOnlyEncrypted: boolean;
  /** Each of the keys of a group decrypts the same: the data key where there is one group, else a share of it. */
  groups: readonly (readonly MasterKey[])[];
  /** How many groups have to be decrypted. */
  threshold: number;
}

/** More would be a mistake, and each may ask a service. */
const maxKeys = 1000;

/** @throws Rejection where something is missing */
export function readMetadata(fields: JsonObject): Metadata {
  const own = masterKeysIn(fields);
  const listed: unknown = fields["key_groups"];
  const groups = own.length > 0 || !Array.isArray(listed) ? [own] : listed.filter(isJsonObject).map(masterKeysIn);
  const count = groups.flat().length;
  if (count === 0) throw new Rejection("has no recipients");
  if (count > maxKeys) throw new Rejection(`is encrypted for ${count} keys; the limit is ${maxKeys}`);
  const threshold = Number(fields["shamir_threshold"] ?? 0);
  return {
    mac: textOf(fields["mac"]),
    lastModified: textOf(fields["lastmodified"]),
    macOnlyEncrypted: /^true$/i.test(textOf(fields["mac_only_encrypted"])),
    groups,
    threshold: groups.length === 1 ? 1 : Math.min(threshold || groups.length, groups.length),
  };
}
