import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { withAttempt } from "./history.ts";

const attempt = (digest: string, status = "ReconciliationSucceeded") => ({
  digest,
  status,
  revisions: { revision: `main@${digest}` },
  startedAt: new Date(),
});

suite("history", () => {
  test("counts what ends the same, and puts it first", () => {
    const history = ["a", "b", "a"].reduce(
      (before, digest) => withAttempt(before, attempt(digest)),
      withAttempt([], attempt("c")),
    );
    assert.deepEqual(
      history.map(({ digest, totalReconciliations }) => [digest, totalReconciliations]),
      [
        ["a", 2],
        ["b", 1],
        ["c", 1],
      ],
    );
  });

  test("tells a failure from a success of the same manifests", () => {
    const history = withAttempt(withAttempt([], attempt("a")), attempt("a", "HealthCheckFailed"));
    assert.deepEqual(
      history.map(({ lastReconciledStatus }) => lastReconciledStatus),
      ["HealthCheckFailed", "ReconciliationSucceeded"],
    );
  });

  test("keeps five entries", () => {
    const history = ["a", "b", "c", "d", "e", "f"].reduce(
      (before, digest) => withAttempt(before, attempt(digest)),
      withAttempt([], attempt("z")),
    );
    assert.deepEqual(
      history.map(({ digest }) => digest),
      ["f", "e", "d", "c", "b"],
    );
  });
});
