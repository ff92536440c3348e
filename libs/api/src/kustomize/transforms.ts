import * as z from "zod";

/** Picks objects; an absent field picks any. */
export const Selector = z.object({
  group: z.string().optional().describe("API group, as a regular expression."),
  version: z.string().optional().describe("Version within the API group, as a regular expression."),
  kind: z.string().optional().describe("Kind, as a regular expression."),
  name: z.string().optional().describe("Name, as a regular expression."),
  namespace: z.string().optional().describe("Namespace, as a regular expression."),
  labelSelector: z.string().optional().describe("Selector that the labels must match, such as app=web,tier!=cache."),
  annotationSelector: z
    .string()
    .optional()
    .describe("Selector, written like a label selector, that the annotations must match."),
});
export type Selector = z.output<typeof Selector>;

/** A change to some of the built objects. */
export const Patch = z.object({
  patch: z.string().describe("Strategic merge patch, or list of JSON Patch operations, as YAML or JSON."),
  target: Selector.optional().describe(
    "Which objects it changes; without it, the one that a strategic merge patch names.",
  ),
});
export type Patch = z.output<typeof Patch>;

/** Another name, tag or digest for a container image. */
export const Image = z.object({
  name: z.string().describe("Name of the image as it stands in the manifests, without a tag."),
  newName: z.string().optional().describe("Name to put in its place."),
  newTag: z.string().optional().describe("Tag to put in place of the one in the manifests."),
  digest: z.string().optional().describe("Digest to put in place of the tag; wins over newTag."),
});
export type Image = z.output<typeof Image>;

/** Fields that are left to others. */
export const IgnoreRule = z.object({
  paths: z.array(z.string()).describe("JSON Pointers (RFC 6901) to the fields."),
  target: Selector.optional().describe("Which objects the rule is for; without it, all of them."),
});
export type IgnoreRule = z.output<typeof IgnoreRule>;

/** What becomes of objects that somebody else has changed. */
export const DriftDetection = z.object({
  mode: z
    .enum(["enabled", "warn", "disabled"])
    .optional()
    .describe(
      "What happens when somebody else changes or deletes an applied object: it is put right at once, and an event tells what (`enabled`, also without the field); it is told in the condition Drifted and in an event, and left as it is (`warn`); nothing (`disabled`). With `warn` and `disabled` an object is applied only when what the source declares of it changes; intervals, requests and restarts of the controller put nothing right.",
    ),
  ignore: z.array(IgnoreRule).optional().describe("Fields whose differences are no drift."),
});
export type DriftDetection = z.output<typeof DriftDetection>;

/** Tells the health of objects of a kind by their own fields. */
export const CustomHealthCheck = z.object({
  apiVersion: z.string().describe("API version of the objects; only its group counts."),
  kind: z
    .string()
    .optional()
    .describe("Kind of the objects; without it, all kinds of the group that have no entry of their own."),
  current: z
    .string()
    .describe(
      "CEL expression over the fields of the object that is true where it is as it should be; asked last. While none is true, the object is on its way.",
    ),
  inProgress: z
    .string()
    .optional()
    .describe(
      "CEL expression that is true while the object is on its way; asked first, where `status.observedGeneration` is not behind.",
    ),
  failed: z
    .string()
    .optional()
    .describe("CEL expression that is true where the object has failed; asked after inProgress."),
});
export type CustomHealthCheck = z.output<typeof CustomHealthCheck>;

/** Labels and annotations for all objects. */
export const CommonMetadata = z.object({
  labels: z.record(z.string(), z.string()).optional().describe("Labels to set; they win over those of the manifests."),
  annotations: z
    .record(z.string(), z.string())
    .optional()
    .describe("Annotations to set; they win over those of the manifests."),
});
export type CommonMetadata = z.output<typeof CommonMetadata>;
