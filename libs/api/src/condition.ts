import * as z from "zod";

/** One statement about an object in its status. */
export const Condition = z
  .object({
    type: z
      .string()
      .max(316)
      .regex(
        /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
      )
      .describe("Type of the condition in CamelCase; unique within the list."),
    status: z.enum(["True", "False", "Unknown"]).describe("Status of the condition."),
    reason: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .describe("Reason as a CamelCase word, for programs; never empty."),
    message: z.string().max(32768).describe("Message for people; may be empty."),
    lastTransitionTime: z.string().meta({ format: "date-time" }).describe("Last change of status, reason or message."),
    observedGeneration: z
      .int()
      .min(0)
      .optional()
      .describe("The metadata.generation that the condition is based on; outdated if the object has a newer one."),
  })
  .describe("One aspect of the state of the object.");
export type Condition = z.output<typeof Condition>;

/** Whether an object says of itself that a condition holds. */
export function isTrue(conditions: readonly Condition[] | undefined, wanted: ConditionTypeName): boolean {
  return conditions?.some(({ type, status }) => type === wanted && status === "True") === true;
}

export const Conditions = z.array(Condition).describe("Conditions of the object, one entry per type.");

const meanings = {
  Ready: "True if the object matches its spec, False if it failed, Unknown while it is reconciled.",
  Reconciling: "True while the object is reconciled or will be retried; otherwise absent.",
  Stalled: "True if retrying cannot help: change the spec or request a reconciliation; otherwise absent.",
  Healthy: "Whether applied objects passed their health checks; absent without health checks.",
  Drifted:
    "True while applied objects have drifted and are not corrected, or another controller keeps reverting corrections.",
  ArtifactInStorage: "True while the artifact is in the controller's storage.",
  ArtifactOutdated: "True while the stored artifact is not the latest; otherwise absent.",
  FetchFailed: "True if the source could not be fetched; otherwise absent.",
  SourceVerified: "Whether the signature of the revision was verified; absent without verification.",
  IncludeUnavailable:
    "True if an included source is missing, has no artifact or could not be copied; otherwise absent.",
  StorageOperationFailed: "True if the controller's storage failed; otherwise absent.",
} as const;

export type ConditionTypeName = keyof typeof meanings;

/** Every type of condition. */
export const ConditionType = Object.fromEntries(Object.keys(meanings).map((type) => [type, type])) as {
  readonly [Type in ConditionTypeName]: Type;
};

/** What each type of condition says, one sentence each; the reference is printed from it. */
export const conditionMeanings: Readonly<Record<ConditionTypeName, string>> = meanings;
