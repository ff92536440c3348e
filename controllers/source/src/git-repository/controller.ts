import { GitRepository, parseDuration } from "@leat/api";
import { type AnyController, defineController } from "@leat/controller";
import { removeArtifacts } from "../artifact/finalize.ts";
import { reconcileGitRepository, type World } from "./reconcile.ts";

export function gitRepositoryController(world: World): AnyController {
  return defineController({
    kind: GitRepository,
    fieldManager: "source-controller",
    // A request makes no fetch out of date: what it finds is new, and the next run fetches only what has come since.
    overtakenBy: ["deletion", "spec"],
    interval: ({ spec }) => parseDuration(spec.interval),
    reconcile: reconcileGitRepository(world),
    finalize: async (object) => {
      await world.git.forget(object.metadata.uid);
      return removeArtifacts(object, world.artifacts);
    },
  });
}
