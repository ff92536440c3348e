/**
 * GitRepository: keeps one artifact in storage equal to what `spec.ref` names upstream.
 *
 *   observe (storage, upstream)  →  decide (pure)  →  act (fetch, publish)
 */
import { type Artifact, type GitRepository, type GitRepositoryStatus, gitRevision } from "@leat/api";
import type { ArtifactStore } from "@leat/artifact";
import { failed, type Outcome, type Run, stalled } from "@leat/controller";
import type { Found, Git, GitRemote, Resolution } from "@leat/git";
import type { Kube } from "@leat/kube";
import { listFiles } from "../artifact/list-files.ts";
import { fetchFailed, storageFailed } from "../artifact/outcomes.ts";
import { reconcileStorage, stageOf, type Storage } from "../artifact/reconcile-storage.ts";
import { artifactOwnerOf } from "../artifact/source-object.ts";
import { accessOf } from "./access.ts";
import { kept, published } from "./outcomes.ts";
import { specProblem } from "./spec-problem.ts";
import { treeOf } from "./tree.ts";

/** The outside world, as narrow as this reconciler needs it. */
export interface World {
  git: Pick<Git, "resolve" | "fetch" | "forget">;
  artifacts: ArtifactStore;
  /** Reads the Secrets that objects name. */
  kube: Pick<Kube, "get">;
}

export interface Observed {
  storage: Storage;
  upstream: Resolution;
}

export type Decision =
  | { next: "keep"; artifact: Artifact }
  | { next: "publish"; found: Found; revision: string; why: string }
  | { next: "fail"; reason: "GitOperationFailed" | "EmptyGitRepository"; message: string };

type Publish = Extract<Decision, { next: "publish" }>;

/** One run over one object, once its repository can be reached. */
interface Attempt {
  object: GitRepository;
  run: Run<GitRepositoryStatus>;
  remote: GitRemote;
  storage: Storage;
}

export function reconcileGitRepository(world: World) {
  return async (object: GitRepository, run: Run<GitRepositoryStatus>): Promise<Outcome<GitRepositoryStatus>> => {
    const problem = specProblem(object.spec);
    if (problem) return stalled(problem.reason, problem.message, problem.facts);

    const storage = await run.step(storageFailed({ kind: "none" }), reconcileStorage(object, world.artifacts, run));
    run.progress(stageOf(storage));
    const access = await run.step(fetchFailed(storage), accessOf(object, world.kube, run.signal));
    if (access.kind === "denied") return fetchFailure(storage, "AuthenticationFailed", access.why);

    const attempt: Attempt = { object, run, remote: access.remote, storage };
    const upstream = await run.step(
      fetchFailed(storage),
      world.git.resolve(access.remote, object.spec.ref ?? {}, run.signal),
    );
    const decision = decide(object, { storage, upstream });
    switch (decision.next) {
      case "keep":
        return kept(object, decision.artifact);
      case "publish":
        return publish(world, attempt, decision);
      case "fail":
        return fetchFailure(storage, decision.reason, decision.message);
    }
  };
}

/** Chooses the next step from facts alone, so that every case is a row in a table of tests. */
export function decide({ spec, status }: GitRepository, { storage, upstream }: Observed): Decision {
  switch (upstream.kind) {
    case "invalid":
      return { next: "fail", reason: "GitOperationFailed", message: upstream.why };
    case "missing":
      // Somebody may still push it: no reason to stall, nor to drop the last good artifact.
      return { next: "fail", reason: "GitOperationFailed", message: upstream.what };
    case "empty":
      return {
        next: "fail",
        reason: "EmptyGitRepository",
        message: `git repository is empty: no commit was pushed yet`,
      };
    case "found": {
      const revision = gitRevision(upstream.commit, upstream.name);
      const renewal = { next: "publish", found: upstream, revision } as const;
      if (storage.kind !== "stored") return { ...renewal, why: stageOf(storage) };
      if (storage.artifact.revision !== revision) return { ...renewal, why: `new upstream revision '${revision}'` };
      if (spec.ignore !== status.observedIgnore)
        return { ...renewal, why: "building artifact: spec.ignore has changed" };
      return { next: "keep", artifact: storage.artifact };
    }
  }
}

async function publish(
  { git, artifacts }: Pick<World, "git" | "artifacts">,
  { object, run, remote, storage }: Attempt,
  { found, revision, why }: Publish,
): Promise<Outcome<GitRepositoryStatus>> {
  run.attribute({ eventMetadata: { revision } });
  run.progress(why);
  const fetched = await run.step(fetchFailed(storage), git.fetch(remote, found, object.metadata.uid, run.signal));
  if (fetched.kind === "missing") return fetchFailure(storage, "GitOperationFailed", fetched.what);
  const { commit } = fetched;
  const publication = {
    revision,
    fileName: `${commit.id}.tar.gz`,
    latestName: "latest.tar.gz",
    content: { kind: "files", entries: listFiles(treeOf(commit), object.spec.ignore, run.signal) },
  } as const;
  const publishing = artifacts.publish(artifactOwnerOf(object), publication, run.signal);
  return published(object, await run.step(storageFailed(storage, revision), publishing), commit.subject);
}

function fetchFailure(storage: Storage, reason: string, message: string): Outcome<GitRepositoryStatus> {
  return failed(reason, message, fetchFailed<GitRepositoryStatus>(storage)({ reason, message }));
}
