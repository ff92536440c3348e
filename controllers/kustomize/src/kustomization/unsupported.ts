import type { Kustomization } from "@leat/api";

/** The field of the spec that this version does not know how to honour; silence would be a lie. */
export function unsupportedField({ decryption }: Kustomization["spec"]): string | undefined {
  return decryption?.serviceAccountName === undefined ? undefined : "decryption.serviceAccountName";
}
