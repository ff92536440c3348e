import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Artifact } from "@leat/api";
import { Config } from "../config.ts";
import { watchesOf } from "./controller.ts";
import { artifact, sourceWith } from "./fixtures/world.ts";

suite("the artifact of a source", () => {
  const next: Artifact = { ...artifact, url: "http://source/2.tar.gz", digest: `sha256:${"1".repeat(64)}` };
  const stored = sourceWith(artifact);
  const rows: Array<[what: string, change: object, released: Artifact[]]> = [
    ["that is listed", { after: stored }, []],
    ["that is the same", { before: stored, after: sourceWith({ ...artifact, lastUpdateTime: "" }) }, []],
    ["that is replaced", { before: stored, after: sourceWith(next) }, [artifact]],
    ["that is lost", { before: stored, after: sourceWith(undefined) }, [artifact]],
    ["that is deleted", { before: stored }, [artifact]],
  ];
  for (const [what, change, expected] of rows) {
    test(`${what} is ${expected.length > 0 ? "released" : "kept"}`, () => {
      const released: unknown[] = [];
      const watches = watchesOf(Config.parse({}), { release: async (one) => void released.push(one) });
      for (const { role, onChange } of watches) {
        assert.equal(onChange !== undefined, role === "source");
        onChange?.(change);
      }
      assert.deepEqual(released, Array.from({ length: 4 }, () => expected).flat());
    });
  }
});
