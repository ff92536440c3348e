import type { Build, SourceFiles } from "@leat/kustomize";
import type { Building, World } from "./attempt.ts";
import { decryptionOf, type DecryptionWorld } from "./decrypt.ts";

export type BuildWorld = DecryptionWorld & Pick<World, "builder" | "postBuild">;

/** Makes of the files of an artifact the objects that are to be applied. */
export async function build(world: BuildWorld, attempt: Building, files: SourceFiles): Promise<Build> {
  const { object, run } = attempt;
  const read = await decryptionOf(world, attempt);
  if (read.kind === "rejected") return read;
  const { path = "" } = object.spec;
  const { decryption } = read;
  const built = await world.builder.build({ files, path, overlay: object.spec, decryption }, run.signal);
  return built.kind === "built" ? world.postBuild(attempt, built) : built;
}
