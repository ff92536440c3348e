import * as z from "zod";

/** Refers to an object of a known kind in the namespace of the referring object. */
export const LocalObjectReference = z.object({ name: z.string().describe("Name of the object.") });
export type LocalObjectReference = z.output<typeof LocalObjectReference>;

/** Refers to a key of a Secret in the namespace of the referring object. */
export const SecretKeyReference = z.object({
  name: z.string().describe("The Secret, by name."),
  key: z
    .string()
    .optional()
    .describe("Key in the Secret; the field that holds the reference says which one is meant without it."),
});
export type SecretKeyReference = z.output<typeof SecretKeyReference>;

/** Refers to an object of any kind, in any namespace. */
export const NamespacedObjectKindReference = z.object({
  apiVersion: z.string().optional().describe("API version of the object, such as apps/v1."),
  kind: z.string().describe("Kind of the object."),
  name: z.string().describe("Name of the object."),
  namespace: z.string().optional().describe("Namespace of the object; without it, that of the referring object."),
});
export type NamespacedObjectKindReference = z.output<typeof NamespacedObjectKindReference>;

/** Refers to an object that has to be ready first. */
export const DependencyReference = z.object({
  kind: z
    .enum(["Kustomization", "HelmRelease"])
    .optional()
    .describe(
      "Kind of the object; without it, that of the referring object. Flux has no such field: where its definition of the referring kind is installed, the API server refuses an object that has it to server-side apply and to strict validation, and drops it otherwise.",
    ),
  name: z.string().describe("Name of the object."),
  namespace: z.string().optional().describe("Namespace of the object; without it, that of the referring object."),
  readyExpr: z
    .string()
    .optional()
    .describe(
      "CEL expression over `self` and `dep` that says whether the dependency is ready, in place of the built-in check; with the feature gate AdditiveCELDependencyCheck, in addition to it.",
    ),
});
export type DependencyReference = z.output<typeof DependencyReference>;

const exactlyOne = "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified";

/** How to reach another cluster. */
export const KubeConfigReference = z
  .object({
    secretRef: SecretKeyReference.optional().describe(
      "Secret that holds a self-contained kubeconfig, under `key` or else under `value`. Not together with configMapRef.",
    ),
    configMapRef: LocalObjectReference.optional().describe(
      "ConfigMap that says how to reach a cluster with a short-lived token instead of a stored one. Its keys: `provider` (aws, azure, gcp or generic; required), `cluster` (the cloud's name of the cluster), `address` (of the API server; required for generic), `ca.crt` (PEM), `audiences` (one a line) and `serviceAccountName` (whose token is exchanged; without it, the controller's). Not together with secretRef.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      { message: exactlyOne, rule: "has(self.configMapRef) || has(self.secretRef)" },
      { message: exactlyOne, rule: "!has(self.configMapRef) || !has(self.secretRef)" },
    ],
  });
export type KubeConfigReference = z.output<typeof KubeConfigReference>;
