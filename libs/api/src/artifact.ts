import * as z from "zod";

/** What a source made of one revision: an archive that other controllers fetch. */
export const Artifact = z.object({
  path: z.string().describe("Where the archive lies, relative to the root of the storage."),
  url: z.string().describe("HTTP address from which other controllers fetch the archive."),
  revision: z.string().describe("The revision in the words of the source, such as `main@sha1:<commit>`."),
  digest: z
    .string()
    .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/)
    .describe("Digest of the archive's bytes, as `<algorithm>:<hex>`."),
  lastUpdateTime: z.string().meta({ format: "date-time" }).describe("When the archive was made."),
  size: z.int().optional().describe("Number of bytes of the archive."),
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .describe("What the source says about the revision, such as where it was built from."),
});
export type Artifact = z.output<typeof Artifact>;
