import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Artifact } from "@leat/api";
import { fetchFailed, fetchFailure, stepFailed, storageFailed, stored } from "./outcomes.ts";
import type { Storage } from "./reconcile-storage.ts";

const failure = { reason: "Failed", message: "it did not work" };
const failing = { status: "True", ...failure };
const artifact = artifactOf("1.0.0");
const intact: Storage = { kind: "stored", artifact };
const newer = { revision: "1.1.0", reason: "NewChart", message: "new chart 1.1.0" };

suite("a step that failed", () => {
  test("is reported by its condition, and no other step by one that all kinds have", () => {
    assert.deepEqual(fetchFailed(intact)(failure), {
      conditions: { FetchFailed: failing, StorageOperationFailed: undefined },
    });
    assert.deepEqual(storageFailed(intact)(failure), {
      conditions: { FetchFailed: undefined, StorageOperationFailed: failing },
    });
  });

  test("may have conditions of its kind alone", () => {
    const verification = stepFailed(intact, (why) => ({
      BuildFailed: { status: "True", ...why },
      SourceVerified: { status: "False", reason: "VerificationError", message: why.message },
    }));
    assert.deepEqual(verification(failure), {
      conditions: {
        FetchFailed: undefined,
        StorageOperationFailed: undefined,
        BuildFailed: failing,
        SourceVerified: { status: "False", reason: "VerificationError", message: failure.message },
      },
    });
  });

  test("takes an artifact that was lost out of the status", () => {
    assert.deepEqual(fetchFailed({ kind: "lost" })(failure), {
      status: { artifact: undefined },
      conditions: { FetchFailed: failing, StorageOperationFailed: undefined, ArtifactInStorage: undefined },
    });
  });

  test("is the outcome of the run", () => {
    assert.deepEqual(fetchFailure(intact, failure), { kind: "failed", ...failure, ...fetchFailed(intact)(failure) });
  });
});

suite("a revision that could not be stored", () => {
  const rows: Array<[about: string, storage: Storage, revision: string, isOutdated: boolean]> = [
    ["outdates an artifact of another revision", intact, "1.1.0", true],
    ["outdates nothing if its artifact is stored already", intact, "1.0.0", false],
    ["is reported if nothing is stored", { kind: "none" }, "1.1.0", true],
  ];
  for (const [about, storage, revision, isOutdated] of rows) {
    test(about, () => {
      const { conditions } = storageFailed(storage, { ...newer, revision })(failure);
      const expected = { status: "True", reason: "NewChart", message: "new chart 1.1.0" };
      assert.deepEqual(conditions?.["ArtifactOutdated"], isOutdated ? expected : undefined);
    });
  }
});

suite("a stored artifact", () => {
  const before = { kind: "HelmChart", metadata: { namespace: "team", name: "app" } };
  const texts = { message: "packaged 'app'", eventMessage: "packaged 'app' with version '1.0.0'", status: {} };

  test("ends what failed before, and has the conditions of its kind", () => {
    const verified = { status: "True", reason: "Succeeded", message: "verified" } as const;
    const conditions = { BuildFailed: undefined, SourceVerified: verified };
    const outcome = stored({ ...before, status: {} }, { artifact, ...texts, conditions });
    assert.deepEqual(outcome.conditions, {
      FetchFailed: undefined,
      StorageOperationFailed: undefined,
      ArtifactOutdated: undefined,
      ArtifactInStorage: { status: "True", reason: "Succeeded", message: texts.message },
      ...conditions,
    });
  });

  const rows: Array<[about: string, reason: "ArtifactUpToDate" | undefined, known: Artifact | undefined, string[]]> = [
    ["is news by its content", undefined, undefined, ["Succeeded", "Succeeded", "NewArtifact"]],
    ["with the content of before is none", undefined, artifact, ["Succeeded", "Succeeded", "Succeeded"]],
    [
      "has the reason of its kind everywhere",
      "ArtifactUpToDate",
      undefined,
      ["ArtifactUpToDate", "ArtifactUpToDate", "ArtifactUpToDate"],
    ],
  ];
  for (const [about, reason, known, expected] of rows) {
    test(about, () => {
      const how = { artifact, ...texts, conditions: {}, ...(reason && { reason }) };
      const outcome = stored({ ...before, status: { artifact: known } }, how);
      assert(outcome.kind === "ready");
      const inStorage = outcome.conditions?.["ArtifactInStorage"]?.reason;
      assert.deepEqual([outcome.reason, inStorage, outcome.ifNews?.events?.[0]?.reason], expected);
      assert.equal(outcome.changed, known === undefined);
    });
  }
});

function artifactOf(revision: string): Artifact {
  return {
    path: `helmchart/team/app/${revision}.tgz`,
    url: `http://source/helmchart/team/app/${revision}.tgz`,
    revision,
    digest: `sha256:${revision}`,
    lastUpdateTime: "2026-11-01T00:00:00Z",
    size: 1,
  };
}
