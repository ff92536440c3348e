import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { GitRepository, kinds } from "@leat/api";
import { objectOf, targetOf } from "./kinds.ts";

suite("the words of a command line", () => {
  const all = kinds.map(({ kind }) => kind);
  const sources = kinds.filter(({ categories }) => categories.includes("fluxcd-sources")).map(({ kind }) => kind);
  const understood: Array<[words: string, meant: string[], names: string[]]> = [
    ["ks", ["Kustomization"], []],
    ["ks apps infra", ["Kustomization"], ["apps", "infra"]],
    ["Kustomization/apps", ["Kustomization"], ["apps"]],
    ["source git podinfo", ["GitRepository"], ["podinfo"]],
    ["git podinfo", ["GitRepository"], ["podinfo"]],
    ["sources", sources, []],
    ["sources all", sources, []],
    ["all", all, []],
  ];
  for (const [words, meant, names] of understood) {
    test(`${words} are ${meant.join(" and ")} ${names.join(", ")}`, () => {
      const target = targetOf(words.split(" "));
      assert.deepEqual(
        target.kinds.map(({ kind }) => kind),
        meant,
      );
      assert.deepEqual(target.names, names);
    });
  }

  test("may name one object", () => {
    const { kind, name } = objectOf(["source", "git", "podinfo"]);
    assert.deepEqual([kind, name], [GitRepository, "podinfo"]);
  });

  for (const words of ["ks", "ks a b", "all"]) {
    test(`${words} names no single object`, () => {
      assert.throws(
        () => objectOf(words.split(" ")),
        /name one object as KIND\/NAME or KIND NAME, such as kustomization\/apps/,
      );
    });
  }

  test("that name no kind are rejected with what is near", () => {
    assert.throws(() => targetOf(["gitrepositry", "podinfo"]), {
      name: "UsageError",
      message: /unknown kind "gitrepositry", did you mean gitrepository\? The kinds are: gitrepositories \(gitrepo\)/,
    });
  });
});
