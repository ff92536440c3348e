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
      .describe("What the statement is about, in CamelCase; unique within the list."),
    status: z.enum(["True", "False", "Unknown"]).describe("Whether the statement holds."),
    reason: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .describe("Why, as one CamelCase word for machines; never empty."),
    message: z.string().max(32768).describe("Why, as a sentence for people; may be empty."),
    lastTransitionTime: z
      .string()
      .meta({ format: "date-time" })
      .describe("When status, reason or message last became different."),
    observedGeneration: z
      .int()
      .min(0)
      .optional()
      .describe(
        "The metadata.generation that the statement is about; it is outdated where the object has a newer one.",
      ),
  })
  .describe("One statement about the state of the object.");
export type Condition = z.output<typeof Condition>;

export const Conditions = z
  .array(Condition)
  .describe("What is known about the state of the object, one entry per type.");

const meanings = {
  Ready: "True where the object is as its spec declares it; False says what is in the way, Unknown that work goes on.",
  Reconciling: "True while the controller works towards the spec; absent otherwise.",
  Stalled: "True where only a change of the spec or a new request can help; absent otherwise.",
  Healthy: "Whether the applied objects passed their health checks; absent where none are asked for.",
  Drifted:
    "True while applied objects differ from what is declared, or others change them back again and again; absent where drift is put right or not looked for.",
  ArtifactInStorage: "True while the artifact of the status is in the controller's storage.",
  ArtifactOutdated: "True while a newer revision or another input than the stored one is known; absent otherwise.",
  FetchFailed: "True where the source could not be reached or read; absent otherwise.",
  SourceVerified: "Whether the signature of the revision was verified; absent where no verification is asked for.",
  IncludeUnavailable:
    "True where an included source is missing, has no artifact yet or could not be copied; absent otherwise.",
  StorageOperationFailed: "True where the controller's own storage failed; absent otherwise.",
} as const;

export type ConditionTypeName = keyof typeof meanings;

/** Every type of condition. */
export const ConditionType = Object.fromEntries(Object.keys(meanings).map((type) => [type, type])) as {
  readonly [Type in ConditionTypeName]: Type;
};

/** What each type of condition says, one sentence each; the reference is printed from it. */
export const conditionMeanings: Readonly<Record<ConditionTypeName, string>> = meanings;
