import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { GitRepository, kinds, Kustomization, reasonMeanings, type ResourceDefinition } from "@leat/api";
import { referenceOf } from "./reference.ts";

/** Cells of the row about a field. */
function row(page: string, field: string): string[] {
  const line = page.split("\n").find((each) => each.startsWith(`| \`${field}\` |`));
  return (line ?? "").split(/(?<!\\)\|/).map((cell) => cell.trim());
}

suite("the reference of a kind", () => {
  const sources = referenceOf(GitRepository);
  const appliers = referenceOf(Kustomization);

  test("says type, default and limits of a field", () => {
    assert.deepEqual(row(sources, "timeout").slice(2, 5), ["duration", '`"60s"`', "such as `30s` or `90m`; no hours"]);
    assert.deepEqual(row(appliers, "targetNamespace").slice(2, 5), ["string", "", "1 to 63 characters"]);
    assert.deepEqual(row(appliers, "images[].name").slice(2, 5), ["string", "", "required"]);
    assert.deepEqual(row(appliers, "postBuild.substitute").slice(2, 4), ["map to string", ""]);
  });

  test("has a meaning for every field", () => {
    const lines = kinds.flatMap((kind) => referenceOf(kind).split("\n"));
    const rows = lines.filter((line) => /^\| `[a-z][\w.[\]]*` \|/i.test(line));
    assert.ok(rows.length > 150, String(rows.length));
    assert.deepEqual(
      rows.filter((line) => /\|\s*\|$/.test(line)),
      [],
    );
  });

  test("keeps a bar within its cell", () => {
    assert.match(row(sources, "url")[4] ?? "", /\(http\\\|https\\\|ssh\)/);
  });

  test("lists rules over several fields", () => {
    assert.match(sources, /- `spec`: serviceAccountName can only be set when provider/);
    assert.match(appliers, /- `spec\.kubeConfig`: exactly one of/);
  });

  test("explains each reason of its conditions", () => {
    for (const definition of kinds) {
      const page = referenceOf(definition);
      for (const reason of Object.values(definition.conditions).flat()) {
        assert.ok(page.includes(`| \`${reason}\` | ${reasonMeanings[reason]} |`), `${definition.kind}: ${reason}`);
      }
    }
  });

  test("names the condition or reason that has no meaning yet, and the file for it", () => {
    const withConditions = (conditions: Record<string, readonly string[]>) =>
      ({ ...GitRepository, conditions }) as unknown as ResourceDefinition;
    for (const [conditions, message] of [
      [{ Ready: ["Renamed"] }, "Renamed has no meaning: write one in libs/api/src/reason.ts"],
      [{ Renamed: ["Succeeded"] }, "Renamed has no meaning: write one in libs/api/src/condition.ts"],
    ] as const)
      assert.throws(() => referenceOf(withConditions(conditions)), { message });
  });

  test("names the policies of applied objects where the kind applies any", () => {
    assert.ok(appliers.includes("`kustomize.toolkit.fluxcd.io/prune: disabled`"));
    assert.ok(!sources.includes("On applied objects"));
  });
});
