import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { suggestion } from "./suggestion.ts";

suite("a suggestion for an unknown name", () => {
  const known = ["all", "ks", "kustomization", "gitrepository", "OneThing"];
  const near: Array<[name: string, suggested: string]> = [
    ["kz", "ks"],
    ["kustomisation", "kustomization"],
    ["gitrepositry", "gitrepository"],
    ["OneThnig", "OneThing"],
  ];
  for (const [name, suggested] of near) {
    test(`is ${suggested} for ${name}`, () => assert.equal(suggestion(name, known), `, did you mean ${suggested}?`));
  }

  for (const name of ["foo", "pod", "deployment", ""]) {
    test(`does not exist for ${JSON.stringify(name)}, which is near to none`, () =>
      assert.equal(suggestion(name, known), ""));
  }
});
