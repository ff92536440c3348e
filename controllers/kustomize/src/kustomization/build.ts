import type { Build, SourceFiles } from "@leat/kustomize";
import type { Building } from "./attempt.ts";
import { decryptionOf } from "./decrypt.ts";

/** Makes of the files of an artifact the objects that are to be applied. */
export async function build(building: Building, files: SourceFiles): Promise<Build> {
  const { object, run } = building;
  const read = await decryptionOf(building);
  if (read.kind === "refused") return read;
  const { path = "" } = object.spec;
  const { decryption } = read;
  const built = await building.builder.build({ files, path, overlay: object.spec, decryption }, run.signal);
  return built.kind === "built" ? building.postBuild(building, built) : built;
}
