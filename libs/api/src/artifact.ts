import * as z from "zod";

/** What a source made of one revision: an archive that other controllers fetch. */
export const Artifact = z.object({
  path: z.string().describe("Path of the archive, relative to the storage root."),
  url: z.string().describe("HTTP URL of the archive."),
  revision: z.string().describe("Revision of the source, such as `main@sha1:<commit>`."),
  digest: z
    .string()
    .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/)
    .describe("Digest of the archive's bytes, as `<algorithm>:<hex>`."),
  lastUpdateTime: z.string().meta({ format: "date-time" }).describe("When the archive was created."),
  size: z.int().optional().describe("Size of the archive in bytes."),
  metadata: z.record(z.string(), z.string()).optional().describe("Metadata of the revision, such as its origin."),
});
export type Artifact = z.output<typeof Artifact>;
