import * as z from "zod";
import type { GroupKind } from "./group-kind.ts";

/** Refers to an object of a known kind in the namespace of the referring object. */
export const LocalObjectReference = z.object({ name: z.string().describe("Name of the object.") });
export type LocalObjectReference = z.output<typeof LocalObjectReference>;

/** Refers to a key of a Secret in the namespace of the referring object. */
export const SecretKeyReference = z.object({
  name: z.string().describe("Name of the Secret."),
  key: z.string().optional().describe("Key in the Secret; the default depends on the field."),
});
export type SecretKeyReference = z.output<typeof SecretKeyReference>;

/** Refers to an object of any kind, in any namespace. */
export const NamespacedObjectKindReference = z.object({
  apiVersion: z.string().optional().describe("API version of the object, such as apps/v1."),
  kind: z.string().describe("Kind of the object."),
  name: z.string().describe("Name of the object."),
  namespace: z.string().optional().describe("Namespace of the object; default: that of the referring object."),
});
export type NamespacedObjectKindReference = z.output<typeof NamespacedObjectKindReference>;

/** The kinds that an object can depend on. */
export const dependencyKinds = {
  Kustomization: { group: "kustomize.toolkit.fluxcd.io", kind: "Kustomization" },
  HelmRelease: { group: "helm.toolkit.fluxcd.io", kind: "HelmRelease" },
} as const satisfies Readonly<Record<string, GroupKind>>;

/** Refers to an object that has to be ready first. */
export const DependencyReference = z.object({
  kind: z
    .enum(["Kustomization", "HelmRelease"])
    .optional()
    .describe(
      "Kind of the object; default: that of the referring object. Not part of Flux's API: with Flux's CRD, the API server rejects or drops it.",
    ),
  name: z.string().describe("Name of the object."),
  namespace: z.string().optional().describe("Namespace of the object; default: that of the referring object."),
  readyExpr: z
    .string()
    .optional()
    .describe(
      "CEL expression over `self` and `dep` that replaces the built-in readiness check; with the feature gate AdditiveCELDependencyCheck, both must pass.",
    ),
});
export type DependencyReference = z.output<typeof DependencyReference>;

const exactlyOne = "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified";

/** How to reach another cluster. */
export const KubeConfigReference = z
  .object({
    secretRef: SecretKeyReference.optional().describe(
      "Secret with a self-contained kubeconfig, in `key` or by default in `value`. Excludes configMapRef.",
    ),
    configMapRef: LocalObjectReference.optional().describe(
      "ConfigMap that describes a cluster which is accessed with short-lived tokens. Its keys are listed in https://leat.dev/docs/guides/other-clusters. Excludes secretRef.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      { message: exactlyOne, rule: "has(self.configMapRef) || has(self.secretRef)" },
      { message: exactlyOne, rule: "!has(self.configMapRef) || !has(self.secretRef)" },
    ],
  });
export type KubeConfigReference = z.output<typeof KubeConfigReference>;
