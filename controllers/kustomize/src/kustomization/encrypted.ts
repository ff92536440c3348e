import { type KubeObject, Kustomization, objectPolicyKey, ObjectPolicyValue } from "@leat/api";
import { placeOf } from "@leat/apply";
import type { BuiltObject } from "@leat/kustomize";

const policyKey = objectPolicyKey(Kustomization.group, "decrypt");

/** Whether an object asks to be left encrypted. */
export function staysEncrypted(object: Readonly<Record<string, unknown>>): boolean {
  const metadata = object["metadata"] as KubeObject["metadata"] | null | undefined;
  return String(metadata?.annotations?.[policyKey]).toLowerCase() === ObjectPolicyValue.disabled;
}

/** A Secret that nobody could use as it is: of other kinds, Flux applies what is encrypted. */
export function isEncrypted(object: KubeObject): boolean {
  const { apiVersion, kind, sops } = object as KubeObject & { sops?: object | null };
  if (apiVersion !== "v1" || kind !== "Secret" || typeof sops !== "object" || sops === null) return false;
  return "mac" in sops && !staysEncrypted(object);
}

/** Why objects cannot be applied, one of which is still encrypted. */
export function encryptedAmong(objects: readonly BuiltObject[]): string | undefined {
  const encrypted = objects.find(({ object }) => isEncrypted(object));
  if (encrypted === undefined) return undefined;
  return `${placeOf(encrypted)}: is encrypted with SOPS: set spec.decryption, or decrypt it in the repository`;
}
