import type { Kustomization } from "@leat/api";

type Spec = Kustomization["spec"];

const laterFields = ["kubeConfig", "ignore"] as const satisfies ReadonlyArray<keyof Spec>;

/** The first field of the spec that this version does not know how to honour; silence would be a lie. */
export function unsupportedField(spec: Spec): string | undefined {
  if (spec.sourceRef.kind !== "GitRepository") return `sourceRef.kind ${spec.sourceRef.kind}`;
  if (spec.decryption?.serviceAccountName !== undefined) return "decryption.serviceAccountName";
  return laterFields.find((field) => isUsed(spec[field]));
}

function isUsed(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false;
}
