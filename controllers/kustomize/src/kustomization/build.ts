import type { Build, SourceFiles } from "@leat/kustomize";
import type { Attempt } from "./attempt.ts";
import { decryptionOf } from "./decrypt.ts";

/** Makes of the files of an artifact the objects that are to be applied. */
export async function build(attempt: Attempt, files: SourceFiles): Promise<Build> {
  const { object, run } = attempt;
  attempt.stage("Building manifests");
  const read = await decryptionOf(attempt);
  if (read.kind === "refused") return read;
  const { path = "" } = object.spec;
  const { decryption } = read;
  const built = await attempt.builder.build({ files, path, overlay: object.spec, decryption }, run.signal);
  return built.kind === "built" ? attempt.postBuild(attempt, built) : built;
}
