/**
 * GitRepository: keeps one artifact in storage equal to what `spec.ref` names upstream.
 *
 *   observe (storage, upstream)  →  decide (pure)  →  act (fetch, publish)
 */
import { type Artifact, type GitRepository, type GitRepositoryStatus, gitRevision } from "@leat/api";
import { type Outcome, type Run, stalled } from "@leat/controller";
import type { Commit, Found, Git, GitRemote, Resolution } from "@leat/git";
import { listFiles, readIgnoreRules } from "../artifact/list-files.ts";
import { fetchFailed, fetchFailure, storageFailed } from "../artifact/outcomes.ts";
import { reconcileStorage, stageOf, type Storage } from "../artifact/reconcile-storage.ts";
import { artifactOwnerOf } from "../artifact/source-object.ts";
import type { SourceWorld } from "../world.ts";
import { accessOf } from "./access.ts";
import { kept, newRevision, published } from "./outcomes.ts";
import { specProblem } from "./spec-problem.ts";
import { treeOf } from "./tree.ts";

/** The outside world, as narrow as this reconciler needs it. */
export interface World extends SourceWorld {
  git: Pick<Git, "resolve" | "fetch" | "forget">;
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

    const storage = await run.step(storageFailed({ kind: "none" }), () =>
      reconcileStorage(object, world.artifacts, run),
    );
    run.progress(stageOf(storage));
    const access = await run.step(fetchFailed(storage), () => accessOf(object, world.kube, run.signal));
    if (access.kind === "denied") return fetchFailure(storage, { reason: "AuthenticationFailed", message: access.why });

    const attempt: Attempt = { object, run, remote: access.remote, storage };
    const upstream = await run.step(fetchFailed(storage), () =>
      world.git.resolve(access.remote, object.spec.ref ?? {}, run.signal),
    );
    const decision = decide(object, { storage, upstream });
    switch (decision.next) {
      case "keep":
        return kept(object, decision.artifact);
      case "publish":
        return publish(world, attempt, decision);
      case "fail":
        return fetchFailure(storage, decision);
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
      if (storage.artifact.revision !== revision) return { ...renewal, why: newRevision(revision).message };
      if (spec.ignore !== status.observedIgnore)
        return { ...renewal, why: "building artifact: spec.ignore has changed" };
      return { next: "keep", artifact: storage.artifact };
    }
  }
}

async function publish(
  { git, artifacts }: Pick<World, "git" | "artifacts">,
  attempt: Attempt,
  { found, revision, why }: Publish,
): Promise<Outcome<GitRepositoryStatus>> {
  const { object, run, remote, storage } = attempt;
  run.attribute({ eventMetadata: { revision } });
  run.progress(why);
  const fetched = await run.step(fetchFailed(storage), () => git.fetch(remote, found, object.metadata.uid, run.signal));
  if (fetched.kind === "missing") return fetchFailure(storage, { reason: "GitOperationFailed", message: fetched.what });
  const { commit } = fetched;
  const artifact = await run.step(storageFailed(storage, newRevision(revision)), () =>
    store(artifacts, attempt, commit, revision),
  );
  return published(object, artifact, commit.subject);
}

async function store(
  artifacts: World["artifacts"],
  { object, run: { signal } }: Attempt,
  commit: Commit,
  revision: string,
): Promise<Artifact> {
  const tree = await treeOf(commit, signal);
  const rules = await readIgnoreRules(tree, object.spec.ignore, signal);
  const content = { kind: "files", ...(await listFiles(tree, rules, signal)) } as const;
  const names = { fileName: `${commit.id}.tar.gz`, latestName: "latest.tar.gz" };
  return artifacts.publish(artifactOwnerOf(object), { revision, ...names, content }, signal);
}
