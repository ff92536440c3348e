import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { commitOf, gitRevision } from "./revision.ts";

const sha1 = "a".repeat(40);
const sha256 = "b".repeat(64);

suite("the revision of a Git commit", () => {
  const rows: [ref: string | undefined, commit: string, revision: string][] = [
    ["main", sha1, `main@sha1:${sha1}`],
    ["v1.2.3", sha1, `v1.2.3@sha1:${sha1}`],
    ["refs/pull/42/head", sha1, `refs/pull/42/head@sha1:${sha1}`],
    ["user@host", sha1, `user@host@sha1:${sha1}`],
    [undefined, sha1, `sha1:${sha1}`],
    ["", sha1, `sha1:${sha1}`],
    ["main", sha256, `main@sha256:${sha256}`],
  ];
  for (const [ref, commit, revision] of rows) {
    test(`${ref ?? "no ref"} and ${commit.length} digits give ${revision}`, () =>
      assert.equal(gitRevision(commit, ref), revision));
    test(`${revision} names its commit`, () => assert.equal(commitOf(revision), commit));
  }

  for (const commit of ["", "abc", sha1.toUpperCase(), `${sha1}0`]) {
    test(`${JSON.stringify(commit)} is no commit`, () =>
      assert.throws(() => gitRevision(commit), { reason: "InvalidGitObject" }));
  }

  test("an invalid Git revision names no commit", () => {
    for (const text of ["", "6.7.0", "latest@sha512:ab", "sha1:", "xsha1:ab"]) assert.equal(commitOf(text), undefined);
  });
});
