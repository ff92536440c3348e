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
  target: Selector.optional().describe("Objects to patch; default: the object named by a strategic merge patch."),
});
export type Patch = z.output<typeof Patch>;

/** Another name, tag or digest for a container image. */
export const Image = z.object({
  name: z.string().describe("Name of the image in the manifests, without tag."),
  newName: z.string().optional().describe("New name."),
  newTag: z.string().optional().describe("New tag."),
  digest: z.string().optional().describe("New digest, replacing the tag; overrides newTag."),
});
export type Image = z.output<typeof Image>;

/** Fields that are left to others. */
export const IgnoreRule = z.object({
  paths: z.array(z.string()).describe("JSON Pointers (RFC 6901) to the fields."),
  target: Selector.optional().describe("Objects that the rule applies to; default: all."),
});
export type IgnoreRule = z.output<typeof IgnoreRule>;

/** What becomes of objects that somebody else has changed. */
export const DriftDetection = z.object({
  mode: z
    .enum(["enabled", "warn", "disabled"])
    .optional()
    .describe(
      "Handling of changes to applied objects by others: `enabled` (default) corrects them at once, `warn` only reports them in the condition Drifted and in an event, `disabled` ignores them. See https://leat.dev/docs/guides/drift.",
    ),
  ignore: z.array(IgnoreRule).optional().describe("Fields that are excluded from drift detection."),
});
export type DriftDetection = z.output<typeof DriftDetection>;

/** Tells the health of objects of a kind by their own fields. */
export const CustomHealthCheck = z.object({
  apiVersion: z.string().describe("API version of the objects; only its group is used."),
  kind: z.string().optional().describe("Kind of the objects; default: all kinds of the group without their own entry."),
  current: z
    .string()
    .describe(
      "CEL expression over the fields of the object that is true if it is healthy; evaluated last. If none is true, the object is in progress.",
    ),
  inProgress: z
    .string()
    .optional()
    .describe(
      "CEL expression that is true while the object is in progress; evaluated first, if `status.observedGeneration` is up to date.",
    ),
  failed: z
    .string()
    .optional()
    .describe("CEL expression that is true if the object has failed; evaluated after inProgress."),
});
export type CustomHealthCheck = z.output<typeof CustomHealthCheck>;

/** Labels and annotations for all objects. */
export const CommonMetadata = z.object({
  labels: z.record(z.string(), z.string()).optional().describe("Labels to set; they override those of the manifests."),
  annotations: z
    .record(z.string(), z.string())
    .optional()
    .describe("Annotations to set; they override those of the manifests."),
});
export type CommonMetadata = z.output<typeof CommonMetadata>;
