/** What a run leaves behind, whatever it ends with. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type Condition,
  Fault,
  GitRepository,
  type GitRepositoryStatus,
  type KubeObject,
  LimitExceeded,
} from "@leat/api";
import { ApiError } from "@leat/kube";
import { type ControllerDefinition, defineController } from "./definition.ts";
import { failed, ready as success } from "./outcome.ts";
import { type Reconciled, reconcileOnce } from "./reconcile-once.ts";

type Reconcile = ControllerDefinition<GitRepository>["reconcile"];
type Result = Reconciled<GitRepositoryStatus>;

const revision = "main@sha1:abc";
const now = "2026-11-01T00:00:00Z";

const failures: Array<[what: string, reason: string, error: () => Error]> = [
  ["a fault", "GitOperationFailed", () => new Fault("GitOperationFailed", "cannot reach the server")],
  ["an overloaded API server", "APIServerRejected", () => new ApiError(429, "TooManyRequests", "too many requests")],
  ["a broken API server", "APIServerRejected", () => new ApiError(503, "ServiceUnavailable", "no leader")],
  ["a defect", "InternalError", () => new TypeError("undefined is not a function")],
];

suite("what is thrown", () => {
  for (const [what, reason, error] of failures) {
    test(`${what} is attributed to the revision, in one status write`, async () => {
      const result = await run(async (_, { attribute }) => {
        attribute({
          eventMetadata: { revision },
          status: { observedIgnore: "*.md" },
          conditions: { SourceVerified: undefined },
        });
        throw error();
      }, withCondition("SourceVerified"));
      assert.equal(result.patches.length, 1);
      assert.deepEqual([result.status.observedIgnore, condition(result, "SourceVerified")], ["*.md", undefined]);
      assert.partialDeepStrictEqual(condition(result, "Ready"), { status: "False", reason });
      assert.partialDeepStrictEqual(result.events, [{ type: "Warning", reason, metadata: { revision } }]);
    });

    test(`${what} in a step brings the step's details, in the same write`, async () => {
      const result = await run(async (_, { step }) => {
        await step(
          (failure) => ({
            status: { artifact: undefined },
            conditions: { FetchFailed: { status: "True", ...failure } },
          }),
          () => Promise.reject(error()),
        );
        return failed("Unreachable", "");
      }, withArtifact());
      assert.deepEqual([result.patches.length, result.status.artifact], [1, undefined]);
      assert.partialDeepStrictEqual(condition(result, "FetchFailed"), { status: "True", reason });
    });
  }

  test("because a limit is exceeded stalls the object, and names the limit", async () => {
    const result = await run(async () => {
      throw new LimitExceeded("a URL of 3000 characters", "2048 characters").of("spec.url:");
    });
    const message = "spec.url: a URL of 3000 characters: the limit is 2048 characters";
    for (const [type, status] of [
      ["Ready", "False"],
      ["Stalled", "True"],
    ] as const)
      assert.partialDeepStrictEqual(condition(result, type), { status, reason: "LimitExceeded", message });
    assert.equal(condition(result, "Reconciling"), undefined);
  });

  test("after a step belongs to no step", async () => {
    const result = await run(async (_, { step }) => {
      await step(
        (failure) => ({ conditions: { FetchFailed: { status: "True", ...failure } } }),
        async () => {},
      );
      throw new Fault("Later", "after it");
    });
    assert.equal(condition(result, "FetchFailed"), undefined);
  });

  test("before a step first waits belongs to the step", async () => {
    const result = await run(async (_, { step }) => {
      await step(
        (failure) => ({ conditions: { FetchFailed: { status: "True", ...failure } } }),
        () => {
          throw new Fault("GitOperationFailed", "not a directory");
        },
      );
      return failed("Unreachable", "");
    });
    assert.equal(condition(result, "FetchFailed")?.reason, "GitOperationFailed");
  });

  test("in a step within a step belongs to the inner one", async () => {
    const result = await run(async (_, { step }) => {
      const inner = () => step(() => ({ conditions: { Inner: { status: "True", reason: "R", message: "" } } }), fail);
      await step(() => ({ conditions: { Outer: { status: "True", reason: "R", message: "" } } }), inner);
      return failed("Unreachable", "");
    });
    assert.deepEqual([condition(result, "Inner")?.status, condition(result, "Outer")], ["True", undefined]);
  });

  test("by an overtaken run leaves no trace", async () => {
    const overtaken = new AbortController();
    const result = await run(
      async () => {
        overtaken.abort();
        throw new Fault("GitOperationFailed", "aborted");
      },
      {},
      overtaken.signal,
    );
    assert.deepEqual([result.patches, result.events], [[], []]);
  });
});

suite("what is returned", () => {
  test("is attributed as well, and what it says itself takes precedence", async () => {
    const result = await run(async (_, { attribute, emit }) => {
      attribute({ eventMetadata: { revision, digest: "old" }, status: { observedIgnore: "*.md" } });
      attribute({ eventMetadata: { digest: "new" } });
      emit({ type: "Normal", reason: "Progressing", message: "", metadata: { digest: "own" } });
      return failed("BuildFailed", "broken", { status: { observedIgnore: "*.txt" } });
    });
    assert.equal(result.status.observedIgnore, "*.txt");
    assert.deepEqual(
      result.events.map(({ metadata }) => metadata),
      [
        { revision, digest: "own" },
        { revision, digest: "new" },
      ],
    );
  });
});

suite("a success", () => {
  const news = { type: "Normal", reason: "NewArtifact", message: "stored" } as const;
  const ready = (status: string) => ({
    conditions: [{ type: "Ready", status, reason: "R", message: "", lastTransitionTime: now, observedGeneration: 1 }],
  });
  const rows: Array<[what: string, before: object, changed: boolean, isNews: boolean]> = [
    ["that changed something is news", ready("True"), true, true],
    ["after another that changed nothing is not", ready("True"), false, false],
    ["after a failure is news", ready("False"), false, true],
    ["after a wait is news", ready("Unknown"), false, true],
    ["for the first time is news", {}, false, true],
  ];
  for (const [what, before, changed, isNews] of rows) {
    test(what, async () => {
      const details = { changed, ifNews: { status: { observedIgnore: "*.md" }, events: [news] } };
      const { status, events } = await run(async () => success("Succeeded", "done", details), before);
      assert.equal(status.observedIgnore, isNews ? "*.md" : undefined);
      assert.partialDeepStrictEqual(events, isNews ? [news] : []);
      assert.equal(events.length, isNews ? 1 : 0);
    });
  }
});

suite("a failure", () => {
  const progressOf = (result: Result) => condition(result, "Reconciling")?.message;

  test("says how far the run came: what it reported last, or what it says itself", async () => {
    const reported = await run(async (_, { progress }) => {
      progress("fetching");
      progress("building");
      throw new Fault("BuildFailed", "broken");
    });
    const said = await run(async (_, { progress }) => {
      progress("building");
      return failed("ArtifactFailed", "no path", { progress: "fetching" });
    });
    assert.deepEqual([progressOf(reported), progressOf(said)], ["building", "fetching"]);
  });

  test("is an event once, until it is another one", async () => {
    const reconcile = async () => failed("BuildFailed", "broken");
    const first = await run(reconcile);
    const second = await run(reconcile, first.status);
    const other = await run(async () => failed("BuildFailed", "broken again"), second.status);
    assert.deepEqual(
      [first, second, other].map(({ events }) => events.length),
      [1, 0, 1],
    );
  });
});

suite("a run that takes longer than it may", () => {
  const endless = (_: GitRepository, { signal }: { signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const rows: Array<[limits: object, message: string]> = [
    [{ timeout: 1, most: 60_000 }, "the reconciliation was cancelled after 1ms, as limited by spec.timeout"],
    [{ most: 1 }, "the reconciliation was cancelled after 1ms, as limited by --reconciliation-timeout"],
    [{ timeout: 5, most: 1 }, "the reconciliation was cancelled after 1ms, as limited by --reconciliation-timeout"],
  ];
  for (const [limits, message] of rows) {
    test(`fails, and is retried: ${JSON.stringify(limits)}`, async () => {
      const result = await run(endless, {}, undefined, limits);
      assert.partialDeepStrictEqual(condition(result, "Ready"), {
        status: "False",
        reason: "DeadlineExceeded",
        message,
      });
      assert.deepEqual(result.next.kind, "backoff");
    });
  }

  test("fails for that reason, whatever the cancelled step reports", async () => {
    const result = await run(
      async (object, running) => {
        await endless(object, running).catch(() => {});
        return failed("GitOperationFailed", "git was killed");
      },
      {},
      undefined,
      { most: 1 },
    );
    assert.equal(condition(result, "Ready")?.reason, "DeadlineExceeded");
  });
});

test("an object that is suspended during a run shows no run in progress", async () => {
  const inProgress = {
    observedGeneration: 1,
    conditions: [
      { type: "Reconciling", status: "True", reason: "Progressing", message: "building", lastTransitionTime: now },
      { type: "Ready", status: "Unknown", reason: "Progressing", message: "", lastTransitionTime: now },
    ],
  };
  const result = await run(fail, inProgress, undefined, { suspend: true });
  assert.equal(condition(result, "Reconciling"), undefined);
  assert.partialDeepStrictEqual(condition(result, "Ready"), { status: "Unknown", reason: "Suspended" });
  assert.deepEqual([result.status.observedGeneration, result.next], [1, { kind: "never" }]);
});

async function fail(): Promise<never> {
  throw new Fault("GitOperationFailed", "broken");
}

function run(
  reconcile: Reconcile,
  status: object = {},
  signal?: AbortSignal,
  { timeout, most, suspend }: { timeout?: number; most?: number; suspend?: boolean } = {},
): Promise<Result> {
  const definition = defineController<GitRepository, GitRepositoryStatus>({
    kind: GitRepository,
    fieldManager: "test",
    interval: () => 60_000,
    timeout: () => timeout,
    reconcile,
    finalize: async () => ({ kind: "done" }),
  });
  const object: KubeObject = {
    apiVersion: GitRepository.apiVersion,
    kind: GitRepository.kind,
    metadata: { name: "app", namespace: "team", uid: "1", resourceVersion: "1", generation: 1, creationTimestamp: now },
    spec: { url: "https://git.example.org/x", interval: "10m", suspend },
    status,
  };
  return reconcileOnce<GitRepositoryStatus>(definition, object, {
    ...(signal && { signal }),
    ...(most !== undefined && { longestRunMs: most }),
  });
}

function withCondition(type: string): object {
  return { conditions: [{ type, status: "True", reason: "Succeeded", message: "", lastTransitionTime: now }] };
}

function withArtifact(): object {
  const [url, digest] = ["http://source/x.tar.gz", `sha256:${"0".repeat(64)}`];
  return { artifact: { path: "x.tar.gz", url, revision, digest, lastUpdateTime: now } };
}

function condition({ status }: Result, type: string): Condition | undefined {
  return status.conditions?.find((one) => one.type === type);
}
