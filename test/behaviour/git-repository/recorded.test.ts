/** GitRepository: each scenario ends with the objects and events that Flux's source controller was recorded with. */
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { expectRecorded } from "../../harness/recorded.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

type Row = [name: string, about: string, act: (scenario: Scenario) => Promise<void>];

const files = { "app/one.yaml": configMap("one") };

const rows: Row[] = [
  [
    "git-branch",
    "a branch",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository());
    },
  ],
  [
    "git-commit",
    "one commit of a branch",
    async ({ commit, apply }) => {
      const first = await commit(files);
      await commit({ "app/one.yaml": configMap("one", "2") });
      await apply(gitRepository(`  ref: {branch: main, commit: ${first}}`));
    },
  ],
  [
    "git-default-branch",
    "no ref, and no branch master",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository(""));
    },
  ],
  [
    "git-deleted",
    "deleted",
    async ({ commit, apply, untilReady, ...scenario }) => {
      await commit(files);
      await apply(gitRepository());
      await untilReady("GitRepository/repo");
      await scenario.delete("GitRepository/repo");
    },
  ],
  [
    "git-ignore-all",
    "spec.ignore leaves one folder",
    async ({ commit, apply }) => {
      await commit({ "app/one.yaml": configMap("one"), "c/d.yaml": configMap("d") });
      await apply(
        gitRepository('  ref: {branch: main}\n  ignore: "/*\\n!/c"') +
          kustomization("app", "  path: ./\n  prune: true"),
      );
    },
  ],
  [
    "git-missing-branch",
    "a branch that does not exist",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository("  ref: {branch: nope}"));
    },
  ],
  [
    "git-new-commit",
    "a second commit, asked for",
    async ({ commit, apply, untilReady, request }) => {
      await commit(files);
      await apply(gitRepository());
      await untilReady("GitRepository/repo");
      await commit({ "app/one.yaml": configMap("one", "2") });
      await request("GitRepository/repo");
    },
  ],
  [
    "git-no-such-repository",
    "a repository that is not there",
    async ({ apply, harness: { git } }) => apply(gitRepository().replace("{{url}}", `${git.url}/nothing-here.git`)),
  ],
  [
    "git-secret-missing",
    "a Secret that does not exist",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository("  ref: {branch: main}\n  secretRef: {name: nope}"));
    },
  ],
  [
    "git-semver-bad",
    "a range that is none",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository('  ref: {semver: "not a range"}'));
    },
  ],
  [
    "git-semver",
    "the highest tag of a range",
    async ({ commit, apply, repository }) => {
      await commit(files);
      await repository.tag("v1.0.0");
      await commit({ "app/one.yaml": configMap("one", "2") });
      await repository.tag("v1.2.0");
      await repository.tag("v2.0.0");
      await apply(gitRepository('  ref: {semver: "1.x"}'));
    },
  ],
  [
    "git-suspended",
    "suspended from the start",
    async ({ commit, apply }) => {
      await commit(files);
      await apply(gitRepository("  ref: {branch: main}\n  suspend: true"));
    },
  ],
  [
    "git-tag",
    "a tag",
    async ({ commit, apply, repository }) => {
      await commit(files);
      await repository.tag("v1.0.0");
      await commit({ "app/one.yaml": configMap("one", "2") });
      await apply(gitRepository("  ref: {tag: v1.0.0}"));
    },
  ],
  [
    "git-unreachable",
    "a server that is not there",
    async ({ apply }) => apply(gitRepository().replace("{{url}}", "http://127.0.0.1:1/x.git")),
  ],
];

suite("recorded scenarios of GitRepository", { concurrency: 4 }, () => {
  for (const [name, about, act] of rows) {
    test(`${name}: ${about}`, async () => {
      await using scenario = await startScenario(harness, name);
      await act(scenario);
      await expectRecorded(scenario, join(import.meta.dirname, "recorded"), name);
    });
  }
});
