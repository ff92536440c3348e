/** GitRepository: spec.ref selects the revision, spec.ignore and .sourceignore the files of the artifact. */
import assert from "node:assert/strict";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Artifact, KubeObject } from "@leat/api";
import { fetchArchive, filesIn } from "../../harness/archive.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { rerun } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { gitRepository } from "../../harness/manifests.ts";
import { conditionOf, type Files, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

function artifactOf(object: KubeObject | undefined): Artifact {
  const { artifact } = (object?.["status"] ?? {}) as { artifact?: Artifact };
  assert.ok(artifact, "an artifact");
  return artifact;
}

/** Commits the files and waits for their artifact. */
async function stored({ commit, apply, untilReady }: Scenario, files: Files, spec?: string): Promise<Artifact> {
  const sha = await commit(files);
  await apply(gitRepository(spec));
  return artifactOf(await untilReady("GitRepository/repo", sha));
}

suite("the revision", { concurrency: 4 }, () => {
  const rows: Array<
    [about: string, ref: (first: string) => string, revision: (first: string, second: string) => string]
  > = [
    ["a branch", () => "{branch: main}", (_, second) => `main@sha1:${second}`],
    ["a tag goes before a branch", () => "{branch: main, tag: v1.0.0}", (first) => `v1.0.0@sha1:${first}`],
    [
      "a name goes before a range",
      () => "{semver: 1.x, name: refs/tags/v1.0.0}",
      (first) => `refs/tags/v1.0.0@sha1:${first}`,
    ],
    ["a commit alone", (first) => `{commit: ${first}}`, (first) => `sha1:${first}`],
    [
      "a commit goes before all, and is looked for in what the name stands for",
      (first) => `{name: refs/heads/main, semver: 1.x, commit: ${first}}`,
      (first) => `refs/heads/main@sha1:${first}`,
    ],
    ["a commit of a branch", (first) => `{branch: main, commit: ${first}}`, (first) => `main@sha1:${first}`],
    ["a pull request", () => "{name: refs/pull/7/head}", (first) => `refs/pull/7/head@sha1:${first}`],
    ["an annotated tag stands for its commit", () => "{tag: signed}", (first) => `signed@sha1:${first}`],
  ];
  async function leadsTo(ref: (first: string) => string, revision: (first: string, second: string) => string) {
    await using scenario = await startScenario(harness, "ref");
    const { commit, repository, apply, until } = scenario;
    const first = await commit({ a: "1" });
    await repository.tag("v1.0.0");
    await repository.tag("signed", { message: "signed" });
    await mkdir(join(repository.directory, "refs/pull/7"), { recursive: true });
    await writeFile(join(repository.directory, "refs/pull/7/head"), `${first}\n`);
    const second = await commit({ a: "2" });
    await repository.tag("v1.1.0");
    await repository.tag("v2.0.0-rc.1");
    await apply(gitRepository(`  ref: ${ref(first)}`));
    const wanted = revision(first, second);
    await until(
      "GitRepository/repo",
      `to be at ${wanted}`,
      ({ status }) => (status as { artifact?: Artifact }).artifact?.revision === wanted,
    );
  }
  for (const [about, ref, revision] of rows) test(about, () => leadsTo(ref, revision));

  // Flux documents the range as the stronger and follows the tag.
  testBeyondFlux(
    () => harness,
    "a range goes before a tag",
    () =>
      leadsTo(
        () => '{tag: v1.0.0, semver: ">=1.0.0 <2.0.0"}',
        (_, second) => `v1.1.0@sha1:${second}`,
      ),
  );

  test("follows a tag that moves, by itself", async () => {
    await using scenario = await startScenario(harness, "moving-tag");
    const { commit, repository, apply, until, untilReady } = scenario;
    const first = await commit({ a: "1" });
    await repository.tag("latest");
    await apply(gitRepository("  ref: {tag: latest}").replace("interval: 10m", "interval: 1s"));
    await untilReady("GitRepository/repo", first);
    const second = await commit({ a: "2" });
    await repository.tag("latest");
    await until(
      "GitRepository/repo",
      "to follow",
      ({ status }) => (status as { artifact?: Artifact }).artifact?.revision === `latest@sha1:${second}`,
    );
  });

  test("of a deleted branch stays, and the failure is told", async () => {
    await using scenario = await startScenario(harness, "deleted-branch");
    const { commit, repository, apply, request, untilCondition, untilReady } = scenario;
    await commit({ a: "1" });
    const side = await commit({ b: "1" }, "side");
    await apply(gitRepository("  ref: {branch: side}"));
    await untilReady("GitRepository/repo", side);
    await repository.deleteBranch("side");
    await request("GitRepository/repo");
    const failed = await untilCondition("GitRepository/repo", { type: "FetchFailed", status: "True" });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", /side/);
    assert.equal(artifactOf(failed).revision, `side@sha1:${side}`);
  });
});

suite("the artifact", { concurrency: 4 }, () => {
  const rows: Array<[about: string, files: Files, spec: string | undefined, kept: string[]]> = [
    [
      "leaves out by default what no cluster needs",
      { "a.yaml": "", "b.png": "", "c.zip": "", ".github/x.yaml": "", ".sops.yaml": "" },
      undefined,
      ["a.yaml"],
    ],
    [
      "keeps that where the user has a pattern",
      { "a.yaml": "", "b.png": "", ".sourceignore": "a.yaml\n" },
      undefined,
      [".sourceignore", "b.png"],
    ],
    [
      "reads a .sourceignore in its directory",
      { "a.yaml": "", "x/a.yaml": "", "x/b.yaml": "", "x/.sourceignore": "a.yaml\n" },
      undefined,
      ["a.yaml", "x/.sourceignore", "x/b.yaml"],
    ],
    [
      "lets spec.ignore win",
      { "a.yaml": "", "b.yaml": "", ".sourceignore": "*.yaml\n" },
      '  ref: {branch: main}\n  ignore: "!a.yaml"',
      [".sourceignore", "a.yaml"],
    ],
    [
      "never has what is Git's own",
      { "a.yaml": "", ".gitignore": "", ".gitattributes": "", "x/.gitignore": "" },
      '  ref: {branch: main}\n  ignore: "nothing"',
      ["a.yaml"],
    ],
  ];
  for (const [about, files, spec, kept] of rows) {
    test(about, async () => {
      await using scenario = await startScenario(harness, "ignore");
      assert.deepEqual((await filesIn(await stored(scenario, files, spec))).toSorted(), kept.toSorted());
    });
  }

  test("depends on nothing but the files: no times, no owners, three modes", async () => {
    await using scenario = await startScenario(harness, "archive");
    const entries = await fetchArchive(
      await stored(scenario, { "x/a.yaml": "hello", "run.sh": { executable: "#!/bin/sh\n" } }),
    );
    const short = entries
      .filter(({ path }) => path !== ".")
      .map(({ path, kind, mode, owner, modified }) => [path, kind, mode, owner, Math.max(0, modified)]);
    assert.deepEqual(
      short.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      [
        ["run.sh", "file", 0o700, 0, 0],
        ["x", "directory", 0o750, 0, 0],
        ["x/a.yaml", "file", 0o600, 0, 0],
      ],
    );
    assert.equal(entries.find(({ path }) => path === "x/a.yaml")?.content, "hello");
  });

  test("is served whole, in parts, and not again to who has it", async () => {
    await using scenario = await startScenario(harness, "served");
    const { url, size } = await stored(scenario, { "a.yaml": "hello" });
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length")], [200, String(size)]);
    const part = await fetch(url, { headers: { range: "bytes=0-1" } });
    assert.deepEqual([part.status, [...new Uint8Array(await part.arrayBuffer())]], [206, [0x1f, 0x8b]]);
    assert.equal((await fetch(`${url}.nope`)).status, 404);
  });

  testBeyondFlux(
    () => harness,
    "is not sent again to who has it",
    async () => {
      await using scenario = await startScenario(harness, "etag");
      const { url } = await stored(scenario, { "a.yaml": "hello" });
      const etag = (await fetch(url)).headers.get("etag") ?? "";
      assert.equal((await fetch(url, { headers: { "if-none-match": etag } })).status, 304);
    },
  );

  for (const [about, damage] of [
    ["is gone", (file: string) => rm(file)],
    ["is damaged", (file: string) => writeFile(file, "no archive")],
  ] as const) {
    test(`is made again where its file ${about}`, async () => {
      await using scenario = await startScenario(harness, "damage");
      const { url, digest } = await stored(scenario, { "a.yaml": "hello" });
      const files = await readdir(join(harness.directory, "storage"), { recursive: true });
      const file = files.find((name) => name.endsWith(new URL(url).pathname.slice(1)));
      assert.ok(file);
      await damage(join(harness.directory, "storage", file));
      await rerun(scenario, "GitRepository/repo");
      const again = artifactOf(await scenario.get("GitRepository/repo"));
      assert.equal(again.digest, digest);
      assert.equal((await fetchArchive(again)).length > 0, true);
    });
  }

  test("follows a change of spec.ignore without a new commit", async () => {
    await using scenario = await startScenario(harness, "ignore-changes");
    await stored(scenario, { "a.yaml": "1", "b.yaml": "2" });
    await scenario.edit("GitRepository/repo", { spec: { ignore: "b.yaml" } });
    const changed = await scenario.until(
      "GitRepository/repo",
      "to have observed it",
      ({ status }) => (status as { observedIgnore?: string }).observedIgnore === "b.yaml",
    );
    assert.deepEqual(await filesIn(artifactOf(changed)), ["a.yaml"]);
  });

  test("goes with its object", async () => {
    await using scenario = await startScenario(harness, "deleted");
    const { url } = await stored(scenario, { "a.yaml": "1" });
    await scenario.delete("GitRepository/repo");
    await scenario.untilGone("GitRepository/repo");
    assert.equal((await fetch(url)).status, 404);
  });

  testBeyondFlux(
    () => harness,
    "costs one question to the server while nothing has moved",
    async () => {
      await using scenario = await startScenario(harness, "poll");
      await stored(scenario, { "a.yaml": "1" });
      const asked = () => harness.git.requests().filter(({ path }) => path.includes(scenario.namespace)).length;
      const before_ = asked();
      await rerun(scenario, "GitRepository/repo");
      assert.equal(asked() - before_, 1);
    },
  );

  testBeyondFlux(
    () => harness,
    "is not made where the spec asks for what this version does not do: stalled, and said so",
    async () => {
      await using scenario = await startScenario(harness, "unsupported");
      await scenario.commit({ "a.yaml": "1" });
      await scenario.apply(
        gitRepository("  sparseCheckout: [x]") + gitRepository("  recurseSubmodules: true", "other"),
      );
      for (const name of ["repo", "other"])
        await scenario.untilCondition(`GitRepository/${name}`, { type: "Stalled", reason: "UnsupportedField" });
    },
  );
});
