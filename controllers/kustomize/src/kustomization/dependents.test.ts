import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { wakeDependents } from "./dependents.ts";
import { kustomization, readyCondition } from "./fixtures/kustomization.ts";
import { createReferences } from "./references.ts";

const raw = (...given: Parameters<typeof kustomization>) => kustomization(...given) as unknown as KubeObject;
const waiting = raw({}, readyCondition("False", "BuildFailed"), "base");
const ready = raw({}, { ...readyCondition("True"), lastAppliedRevision: "main@sha1:a" }, "base");
const newer = raw({}, { ...readyCondition("True"), lastAppliedRevision: "main@sha1:b" }, "base");

suite("dependents", () => {
  const rows: Array<[what: string, before: KubeObject | undefined, after: KubeObject | undefined, woken: string[]]> = [
    ["became ready", waiting, ready, ["judge", "plain"]],
    ["was ready when it was first seen", undefined, ready, ["judge", "plain"]],
    ["became ready at another revision", ready, newer, ["judge", "plain"]],
    ["changed in another way", ready, ready, ["judge"]],
    ["is not ready any more", ready, waiting, ["judge"]],
    ["is gone", ready, undefined, []],
  ];
  for (const [what, before, after, woken] of rows) {
    test(`of what ${what}: ${woken.join(" and ") || "nobody"} is woken`, () => {
      const referrers = [
        raw({ dependsOn: [{ name: "base" }] }, {}, "plain"),
        raw({ dependsOn: [{ name: "base", readyExpr: "true" }] }, {}, "judge"),
        raw({ dependsOn: [{ name: "another", readyExpr: "true" }] }, {}, "stranger"),
      ];
      const references = createReferences();
      for (const referrer of referrers) references.changed({ after: referrer });
      const names: string[] = [];
      wakeDependents(
        { ...(before && { before }), ...(after && { after }) },
        {
          references,
          find: ({ name }) => referrers.find(({ metadata }) => metadata.name === name),
          wake: ({ name }) => void names.push(name),
        },
      );
      assert.deepEqual(names.toSorted(), woken);
    });
  }
});
