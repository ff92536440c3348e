import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { RemoteRef } from "./list-refs.ts";
import { type GitRef, type Inquiry, resolveRef } from "./resolve.ts";

const id = (digit: string) => digit.repeat(40);

function ref(name: string, target: string, commit = target, symbolic?: string): RemoteRef {
  return { name, target: id(target), commit: id(commit), symbolic };
}

const refs = [
  ref("HEAD", "1", "1", "refs/heads/main"),
  ref("refs/heads/feature/login", "2"),
  ref("refs/heads/main", "1"),
  ref("refs/heads/main2", "3"),
  ref("refs/pull/7/head", "4"),
  ref("refs/tags/latest", "9"),
  ref("refs/tags/v1.0.0", "a", "5"),
  ref("refs/tags/v1.1.0", "6"),
  ref("refs/tags/v2.0.0-rc.1", "7"),
];

function inquiry(all: readonly RemoteRef[], times: Record<string, number> = {}): Inquiry {
  return {
    list: async (prefix) => all.filter(({ name }) => name.startsWith(prefix)),
    commitTimes: async (commits) => new Map(commits.map((commit) => [commit, times[commit[0] ?? ""] ?? 0])),
  };
}

suite("a ref resolves", () => {
  const rows: Array<[about: string, given: GitRef, expected: object]> = [
    ["a branch", { branch: "main" }, { name: "main", commit: id("1"), refName: "refs/heads/main" }],
    ["a branch with a slash", { branch: "feature/login" }, { name: "feature/login", commit: id("2") }],
    ["a tag", { tag: "v1.1.0" }, { name: "v1.1.0", commit: id("6"), tagObject: undefined }],
    ["an annotated tag to its commit", { tag: "v1.0.0" }, { name: "v1.0.0", commit: id("5"), tagObject: id("a") }],
    ["the highest tag of a range", { semver: ">=1.0.0" }, { name: "v1.1.0", commit: id("6") }],
    ["a prerelease where the range names one", { semver: ">=1.0.0-0" }, { name: "v2.0.0-rc.1" }],
    ["a full name", { name: "refs/pull/7/head" }, { name: "refs/pull/7/head", commit: id("4") }],
    ["a full name of an annotated tag", { name: "refs/tags/v1.0.0" }, { name: "refs/tags/v1.0.0", commit: id("5") }],
    [
      "a full name that asks for the commit",
      { name: "refs/tags/v1.0.0^{}" },
      { name: "refs/tags/v1.0.0", commit: id("5") },
    ],
    ["a commit, of which nobody is asked", { commit: id("f") }, { name: "", commit: id("f"), isPinned: true }],
    [
      "a commit of a ref",
      { commit: id("f"), name: "refs/pull/7/head" },
      { name: "refs/pull/7/head", refName: "refs/pull/7/head", isPinned: true },
    ],
    ["a commit of a SHA-256 repository", { commit: "f".repeat(64) }, { name: "", isPinned: true }],
    [
      "a commit on a branch",
      { commit: id("f"), branch: "main" },
      { name: "main", commit: id("f"), refName: "refs/heads/main" },
    ],
    ["commit before name", { commit: id("f"), name: "refs/heads/main" }, { commit: id("f") }],
    ["name before semver", { name: "refs/heads/main", semver: "1.x" }, { commit: id("1") }],
    ["semver before tag", { semver: "1.x", tag: "latest" }, { name: "v1.1.0" }],
    ["tag before branch", { tag: "latest", branch: "main" }, { name: "latest" }],
    ["empty fields as absent ones", { commit: "", name: "", semver: "", tag: "", branch: "main" }, { name: "main" }],
  ];
  for (const [about, given, expected] of rows) {
    test(about, async () => {
      const resolution = await resolveRef(given, inquiry(refs));
      assert.partialDeepStrictEqual({ tagObject: undefined, ...resolution }, { kind: "found", ...expected });
    });
  }

  test("nothing named to the branch master", async () => {
    const resolution = await resolveRef({}, inquiry([ref("refs/heads/master", "8")]));
    assert.partialDeepStrictEqual(resolution, { kind: "found", name: "master", commit: id("8") });
  });

  test("equal versions to the newest commit", async () => {
    const all = [
      ref("refs/tags/1.0.0+a", "1"),
      ref("refs/tags/1.0.0+b", "2"),
      ref("refs/tags/1.0.0+c", "3"),
      ref("refs/tags/0.9.0", "4"),
    ];
    const resolution = await resolveRef({ semver: "*" }, inquiry(all, { 1: 10, 2: 30, 3: 20, 4: 99 }));
    assert.partialDeepStrictEqual(resolution, { kind: "found", name: "1.0.0+b" });
  });

  test("equal versions of one commit without asking for its time", async () => {
    const all = [ref("refs/tags/1.0.0", "1"), ref("refs/tags/v1.0.0", "1")];
    const resolution = await resolveRef({ semver: "*" }, { ...inquiry(all), commitTimes: () => assert.fail("asked") });
    assert.partialDeepStrictEqual(resolution, { kind: "found", name: "v1.0.0" });
  });
});

suite("what does not resolve", () => {
  const rows: Array<[about: string, given: GitRef, message: RegExp]> = [
    [
      "a branch that does not exist names those like it",
      { branch: "mian" },
      /^branch mian does not exist; there are main \(the default\), main2/,
    ],
    [
      "the default branch that does not exist says why it was asked for",
      {},
      /^branch master \(the default without spec\.ref\) does not exist; there are main/,
    ],
    [
      "a tag that does not exist names those like it",
      { tag: "v1.0.1" },
      /^tag v1\.0\.1 does not exist; there are v1\.0\.0, v1\.1\.0/,
    ],
    [
      "a name that does not exist names those of its kind",
      { name: "refs/pull/8/head" },
      /^ref refs\/pull\/8\/head does not exist; there is 7\/head/,
    ],
    [
      "a range without a tag counts the versions",
      { semver: ">=9" },
      /^no tag matches the range >=9; of 4 tags, 3 are versions/,
    ],
  ];
  for (const [about, given, message] of rows) {
    test(about, async () => {
      const resolution = await resolveRef(given, inquiry(refs));
      assert(resolution.kind === "missing", resolution.kind);
      assert.match(resolution.what, message);
    });
  }

  for (const given of [{ semver: "garbage" }, { commit: "abc123" }, { commit: "--upload-pack=x" }, { name: "main" }]) {
    test(`${JSON.stringify(given)} makes no sense`, async () => {
      assert.equal((await resolveRef(given, inquiry(refs))).kind, "invalid");
    });
  }

  for (const given of [{}, { branch: "main" }, { tag: "v1" }, { semver: "*" }, { name: "refs/heads/main" }]) {
    test(`${JSON.stringify(given)} in an empty repository`, async () => {
      assert.deepEqual(await resolveRef(given, inquiry([])), { kind: "empty" });
    });
  }
});

suite("a ref is bounded", () => {
  for (const field of ["branch", "tag", "name", "commit"] as const) {
    test(`spec.ref.${field} by its length`, async () => {
      await assert.rejects(resolveRef({ [field]: "x".repeat(2000) }, inquiry([])), {
        reason: "LimitExceeded",
        message: `spec.ref.${field} of 2000 characters: the limit is 1024 characters`,
      });
    });
  }

  test("a version by the number of its tags, in linear time", async () => {
    const tags = Array.from({ length: 100_000 }, (_, index) => ({
      ...ref(`refs/tags/v1.0.0+${index}`, "1"),
      commit: index.toString(16).padStart(40, "0"),
    }));
    const started = performance.now();
    await assert.rejects(resolveRef({ semver: "1.x" }, inquiry(tags)), /100000 tags of one version: the limit is 100/);
    assert.ok(performance.now() - started < 3000);
  });
});
