/** GitRepository: new commits, moved tags, changes of the spec and damaged storage, and the artifact after each. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Artifact, KubeObject } from "@leat/api";
import { fetchArchive, filesIn } from "../../harness/archive.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { handledOf, postedAbout, rerun } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { gitRepository } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario, statusOf } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const repo = "GitRepository/repo";
const fetchFailed = { type: "FetchFailed", status: "True" } as const;
/** Looks for changes by itself, as often as it may. */
const watchful = (spec?: string) => gitRepository(spec).replace("interval: 10m", "interval: 1s");

function artifactOf(object: KubeObject | undefined): Artifact {
  return statusOf(object).artifact ?? assert.fail("there is no artifact");
}

function untilRevision({ until }: Scenario, revision: string, subject = repo): Promise<KubeObject> {
  return until(subject, `to be at ${revision}`, (object) => statusOf(object).artifact?.revision === revision);
}

suite("refs that change", { concurrency: 4 }, () => {
  test("a commit is found by the interval alone", async () => {
    await using scenario = await startScenario(harness, "interval");
    await untilReadyAt(scenario, await scenario.commit({ a: "1" }));
    await untilRevision(scenario, `main@sha1:${await scenario.commit({ a: "2" })}`);
  });

  test("a branch that is rewritten is followed", async () => {
    await using scenario = await startScenario(harness, "rewritten");
    await untilReadyAt(scenario, await scenario.commit({ a: "1", b: "1" }));
    const rewritten = await scenario.repository.commit({ a: "2" }, { parent: null });
    const object = await untilRevision(scenario, `main@sha1:${rewritten}`);
    assert.deepEqual(await filesIn(artifactOf(object)), ["a"]);
  });

  test("a deleted branch is found again when it is back", async () => {
    await using scenario = await startScenario(harness, "branch-back");
    const { commit, repository, apply, untilReady, untilCondition } = scenario;
    await commit({ a: "1" });
    const side = await commit({ b: "1" }, "side");
    await apply(watchful("  ref: {branch: side}"));
    await untilReady(repo, side);
    await repository.deleteBranch("side");
    await untilCondition(repo, fetchFailed);
    const again = await commit({ b: "2" }, "side");
    assert.equal(conditionOf(await untilReady(repo, again), "FetchFailed"), undefined);
  });

  test("a branch that does not exist yet is found when it comes", async () => {
    await using scenario = await startScenario(harness, "branch-later");
    await scenario.commit({ a: "1" });
    await scenario.apply(watchful("  ref: {branch: later}"));
    await scenario.untilCondition(repo, { ...fetchFailed, reason: "GitOperationFailed" });
    await scenario.untilReady(repo, await scenario.commit({ a: "2" }, "later"));
  });

  test("a repository without a commit is told as such, until there is one", async () => {
    await using scenario = await startScenario(harness, "empty");
    await scenario.apply(watchful());
    const empty = await scenario.untilCondition(repo, { ...fetchFailed, reason: "EmptyGitRepository" });
    assert.equal(statusOf(empty).artifact, undefined);
    await scenario.untilReady(repo, await scenario.commit({ a: "1" }));
  });

  test("without a ref the branch is master", async () => {
    await using scenario = await startScenario(harness, "master");
    await scenario.commit({ a: "1" });
    const commit = await scenario.commit({ a: "2" }, "master");
    await scenario.apply(gitRepository(""));
    await untilRevision(scenario, `master@sha1:${commit}`);
  });

  test("a commit that is not on the branch is rejected; without the branch it is found", async () => {
    await using scenario = await startScenario(harness, "not-on-branch");
    await scenario.commit({ a: "1" });
    const side = await scenario.commit({ b: "1" }, "side");
    await scenario.apply(gitRepository(`  ref: {branch: main, commit: ${side}}`));
    await scenario.untilCondition(repo, { ...fetchFailed, reason: "GitOperationFailed" });
    await scenario.apply(gitRepository(`  ref: {commit: ${side}}`));
    await untilRevision(scenario, `sha1:${side}`);
  });

  test("a name that stands for an annotated tag leads to its commit", async () => {
    await using scenario = await startScenario(harness, "named-tag");
    const commit = await scenario.commit({ a: "1" });
    await scenario.repository.tag("v1", { message: "one" });
    await scenario.apply(gitRepository("  ref: {name: refs/tags/v1}"));
    await untilRevision(scenario, `refs/tags/v1@sha1:${commit}`);
  });

  async function untilReadyAt({ apply, untilReady }: Scenario, commit: string): Promise<void> {
    await apply(watchful());
    await untilReady(repo, commit);
  }
});

suite("a range of versions", { concurrency: 4 }, () => {
  const rows: Array<[about: string, range: string, tags: string[], chosen: string]> = [
    ["passes prereleases over", ">=1.0.0", ["v1.0.0", "v1.1.0-rc.1"], "v1.0.0"],
    ["takes prereleases where it names one", ">=1.0.0-0", ["v1.0.0", "v1.1.0-rc.1"], "v1.1.0-rc.1"],
    ["orders numbers as numbers", "1.x", ["1.9.0", "1.10.0", "2.0.0"], "1.10.0"],
    ["passes over tags that are no versions", "*", ["0.1.0", "nightly", "release-9"], "0.1.0"],
  ];
  for (const [about, range, tags, chosen] of rows) {
    test(about, async () => {
      await using scenario = await startScenario(harness, "range");
      const commits = new Map<string, string>();
      for (const [index, tag] of tags.entries()) {
        commits.set(tag, await scenario.commit({ a: String(index) }));
        await scenario.repository.tag(tag);
      }
      await scenario.apply(gitRepository(`  ref: {semver: "${range}"}`));
      await untilRevision(scenario, `${chosen}@sha1:${commits.get(chosen)}`);
    });
  }

  test("that nothing matches waits for a tag that does, and goes on to the next", async () => {
    await using scenario = await startScenario(harness, "range-later");
    const first = await scenario.commit({ a: "1" });
    await scenario.repository.tag("v1.0.0");
    await scenario.apply(watchful('  ref: {semver: "2.x"}'));
    await scenario.untilCondition(repo, { ...fetchFailed, reason: "GitOperationFailed" });
    await scenario.repository.tag("v2.0.0", { message: "two" });
    await untilRevision(scenario, `v2.0.0@sha1:${first}`);
    const second = await scenario.commit({ a: "2" });
    await scenario.repository.tag("v2.0.1");
    await untilRevision(scenario, `v2.0.1@sha1:${second}`);
  });
});

suite("a spec that changes", { concurrency: 4 }, () => {
  test("suspended, nothing moves, not even by request; resumed, the next commit is there", async () => {
    await using scenario = await startScenario(harness, "suspended");
    const first = await scenario.commit({ a: "1" });
    await scenario.apply(gitRepository() + gitRepository(undefined, "other"));
    await scenario.untilReady(repo, first);
    await scenario.edit(repo, { spec: { suspend: true } });
    const second = await scenario.commit({ a: "2" });
    await scenario.request(repo);
    await rerun(scenario, "GitRepository/other");
    await scenario.untilReady("GitRepository/other", second);
    assert.equal(artifactOf(await scenario.get(repo)).revision, `main@sha1:${first}`);
    await scenario.edit(repo, { spec: { suspend: false } });
    await scenario.untilReady(repo, second);
  });

  test("another URL gives the other repository's files", async () => {
    await using scenario = await startScenario(harness, "url");
    await scenario.apply(gitRepository());
    await scenario.untilReady(repo, await scenario.commit({ a: "1" }));
    const other = await harness.git.createRepository(`${scenario.namespace}-other`);
    const commit = await other.commit({ b: "1" });
    await scenario.edit(repo, { spec: { url: other.url } });
    assert.deepEqual(await filesIn(artifactOf(await scenario.untilReady(repo, commit))), ["b"]);
  });

  test("a request is handled, and told so, where the fetch fails too", async () => {
    await using scenario = await startScenario(harness, "handled");
    await scenario.commit({ a: "1" });
    await scenario.apply(gitRepository("  ref: {branch: nope}"));
    await scenario.untilCondition(repo, fetchFailed);
    const token = await scenario.request(repo);
    const object = await scenario.until(repo, "to have handled it", (seen) => handledOf(seen) === token);
    assert.notEqual(statusOf(object).observedGeneration, object.metadata.generation);
  });

  testBeyondFlux(
    () => harness,
    "each field that this version does not do is named in a Stalled condition; without it all is well",
    async () => {
      const fields: Record<string, string> = {
        ssh: "  url: ssh://git@127.0.0.1/x.git",
        "spec.provider": "  provider: azure",
        "spec.verify": "  verify: {secretRef: {name: keys}}",
        "spec.include": "  include: [{repository: {name: other}}]",
        "spec.recurseSubmodules": "  recurseSubmodules: true",
        "spec.sparseCheckout": "  sparseCheckout: [app]",
      };
      await using scenario = await startScenario(harness, "later-fields");
      const commit = await scenario.commit({ a: "1" });
      for (const [field, spec] of Object.entries(fields)) {
        const manifest = gitRepository(spec);
        await scenario.apply(field === "ssh" ? manifest.replace('  url: "{{url}}"\n', "") : manifest);
        const stalled = await scenario.until(repo, `to say that ${field} is not supported`, (object) =>
          String(conditionOf(object, "Stalled")?.message).includes(field),
        );
        assert.equal(conditionOf(stalled, "Stalled")?.reason, "UnsupportedField");
        assert.equal(statusOf(stalled).observedGeneration, stalled.metadata.generation);
      }
      await scenario.apply(gitRepository());
      assert.equal(conditionOf(await scenario.untilReady(repo, commit), "Stalled"), undefined);
    },
  );
});

suite("what is stored", { concurrency: 4 }, () => {
  test("has the same digest where the files are the same", async () => {
    await using scenario = await startScenario(harness, "same");
    await scenario.apply(watchful());
    const before_ = artifactOf(await scenario.untilReady(repo, await scenario.commit({ a: "1" })));
    await scenario.untilReady(repo, await scenario.commit({ a: "2" }));
    const after_ = artifactOf(await scenario.untilReady(repo, await scenario.commit({ a: "1" })));
    assert.notEqual(after_.revision, before_.revision);
    assert.equal(after_.digest, before_.digest);
  });

  test("has no links, and nothing of where they lead", async () => {
    await using scenario = await startScenario(harness, "links");
    const files = { a: "1", "x/b": { symlink: "../a" }, out: { symlink: "/etc/passwd" }, dir: { symlink: "x" } };
    const commit = await scenario.commit(files);
    await scenario.apply(gitRepository());
    const entries = await fetchArchive(artifactOf(await scenario.untilReady(repo, commit)));
    assert.deepEqual(
      entries.filter(({ kind }) => kind !== "directory").map(({ path, kind }) => [path, kind]),
      [["a", "file"]],
    );
  });

  test("is where its kind, namespace and name say", async () => {
    await using scenario = await startScenario(harness, "place");
    const commit = await scenario.commit({ a: "1" });
    await scenario.apply(gitRepository());
    const { path, url } = artifactOf(await scenario.untilReady(repo, commit));
    assert.equal(path, `gitrepository/${scenario.namespace}/repo/${commit}.tar.gz`);
    assert.equal(new URL(url).pathname, `/${path}`);
  });

  test("old artifacts are cleared away, never the current one", async () => {
    await using scenario = await startScenario(harness, "garbage");
    await scenario.apply(watchful());
    const artifacts: Artifact[] = [];
    for (const a of ["1", "2", "3", "4"])
      artifacts.push(artifactOf(await scenario.untilReady(repo, await scenario.commit({ a }))));
    const stillThere = async () => {
      const answers = await Promise.all(artifacts.map(({ url }) => fetch(url, { method: "HEAD" })));
      return answers.map(({ status }) => status === 200);
    };
    await rerun(scenario, repo);
    await rerun(scenario, repo);
    assert.deepEqual(await stillThere(), [false, false, true, true]);
  });

  test("damage is told by an event; what is made again is the same", async () => {
    await using scenario = await startScenario(harness, "damage-told");
    const commit = await scenario.commit({ a: "1" });
    await scenario.apply(gitRepository());
    const artifact = artifactOf(await scenario.untilReady(repo, commit));
    await writeFile(join(harness.directory, "storage", artifact.path), "no archive");
    await rerun(scenario, repo);
    assert.equal((await fetchArchive(artifactOf(await scenario.get(repo)))).length > 0, true);
    const told = () => postedAbout(scenario, repo).map(({ reason, severity }) => `${severity} ${reason}`);
    await scenario.until(repo, "to be told of", () => told().includes("error ArtifactVerificationFailed"));
  });

  test("its URL is set right where it is no longer the server's", async () => {
    await using scenario = await startScenario(harness, "moved-server");
    const commit = await scenario.commit({ a: "1" });
    await scenario.apply(gitRepository());
    const artifact = artifactOf(await scenario.untilReady(repo, commit));
    await scenario.editStatus(repo, { artifact: { ...artifact, url: `http://elsewhere.invalid/${artifact.path}` } });
    await rerun(scenario, repo);
    assert.deepEqual(artifactOf(await scenario.get(repo)), artifact);
  });

  test("conditions of others stay", async () => {
    await using scenario = await startScenario(harness, "foreign");
    await scenario.apply(gitRepository());
    const object = await scenario.untilReady(repo, await scenario.commit({ a: "1" }));
    const time = "2026-01-01T00:00:00Z";
    const foreign = { type: "Scanned", status: "True", reason: "Clean", message: "", lastTransitionTime: time };
    await scenario.editStatus(repo, { conditions: [...(statusOf(object).conditions ?? []), foreign] });
    const next = await scenario.commit({ a: "2" });
    await scenario.request(repo);
    assert.equal(conditionOf(await scenario.untilReady(repo, next), "Scanned")?.reason, "Clean");
  });
});
