import { GitRepository, parseDuration } from "@leat/api";
import { type AnyController, defineController, type Finalized } from "@leat/controller";
import { reconcileGitRepository, type World } from "./reconcile.ts";
import { ownerOf } from "./storage.ts";

export function gitRepositoryController(world: World): AnyController {
  return defineController({
    kind: GitRepository,
    fieldManager: "source-controller",
    // A request makes no fetch out of date: what it finds is new, and the next run fetches only what has come since.
    overtakenBy: ["deletion", "spec"],
    interval: ({ spec }) => parseDuration(spec.interval),
    reconcile: reconcileGitRepository(world),
    finalize: (object) => removeFiles(world, object),
  });
}

/** Takes an object's artifacts away, and the copy of its repository. */
async function removeFiles({ artifacts, git }: World, object: GitRepository): Promise<Finalized> {
  const [hadArtifacts] = await Promise.all([artifacts.remove(ownerOf(object)), git.forget(object.metadata.uid)]);
  if (!hadArtifacts) return { kind: "done" };
  const message = "garbage collected artifacts for deleted resource";
  return { kind: "done", events: [{ type: "Trace", reason: "GarbageCollectionSucceeded", message }] };
}
