import type { Kustomization } from "@leat/api";

type Spec = Kustomization["spec"];

const laterFields = [
  "namePrefix",
  "nameSuffix",
  "commonMetadata",
  "patches",
  "images",
  "components",
  "ignoreMissingComponents",
  "buildMetadata",
  "postBuild",
  "decryption",
  "healthCheckExprs",
] as const satisfies ReadonlyArray<keyof Spec>;

/** The first field of the spec that this version does not know how to honour; silence would be a lie. */
export function unsupportedField(spec: Spec): string | undefined {
  if (spec.dependsOn?.some(({ readyExpr }) => readyExpr !== undefined)) return "dependsOn[].readyExpr";
  return laterFields.find((field) => isUsed(spec[field]));
}

function isUsed(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false;
}
