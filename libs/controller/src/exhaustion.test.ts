/** Objects that need more than they may have: they are tried three times, and not again until they change. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Condition, Fault, type KubeObject, Kustomization, type KustomizationStatus } from "@leat/api";
import { storedObject } from "@leat/testing";
import { defineController } from "./definition.ts";
import { ready } from "./outcome.ts";
import { type Reconciled, reconcileOnce } from "./reconcile-once.ts";
import { createRunLedger, type RunLedger } from "./run-ledger.ts";

type Work = () => void;

const spec = { interval: "10m", path: "./", prune: true, sourceRef: { kind: "GitRepository", name: "repo" } };

const tooLarge: Work = () => {
  throw new Fault("BuildFailed", "kustomize needs more than 1 GiB of memory", { isExhaustion: true });
};
const works: Work = () => {};

/** One object over its runs, each of which sees what the ones before have written. */
function start(ledger: RunLedger = createRunLedger(), status: object = {}) {
  let object: KubeObject = storedObject(Kustomization, { spec, status });
  const seen = { runs: 0 };
  const run = async (work: Work, revision = "a"): Promise<Reconciled<KustomizationStatus>> => {
    const definition = defineController<Kustomization, KustomizationStatus>({
      kind: Kustomization,
      fieldManager: "test",
      interval: () => 60_000,
      revisionOf: async () => revision,
      reconcile: async (_, { attribute }) => {
        seen.runs += 1;
        attribute({ status: { lastAttemptedRevision: revision } });
        work();
        return ready("ReconciliationSucceeded", "done");
      },
      finalize: async () => ({ kind: "done" }),
    });
    const result = await reconcileOnce<KustomizationStatus>(definition, object, { ledger });
    object = result.object;
    return result;
  };
  const edit = () => {
    object = { ...object, metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 } };
  };
  return { run, edit, seen };
}

async function exhausted(): Promise<ReturnType<typeof start>> {
  const app = start();
  for (const _ of [1, 2, 3]) await app.run(tooLarge);
  return app;
}

suite("an object whose work is ended by a limit", () => {
  test("fails twice and is Stalled the third time, with the reason of the limit", async () => {
    const app = start();
    const results = [await app.run(tooLarge), await app.run(tooLarge), await app.run(tooLarge)];
    assert.deepEqual(
      results.map((result) => [condition(result, "Ready")?.reason, condition(result, "Stalled")?.reason]),
      [
        ["BuildFailed", undefined],
        ["BuildFailed", undefined],
        ["ResourceExhausted", "ResourceExhausted"],
      ],
    );
    const last = results[2];
    assert.match(condition(last, "Ready")?.message ?? "", /^kustomize needs more than 1 GiB of memory; tried 3 times/);
    assert.equal(last?.next.kind, "never");
  });

  test("is then not worked on again, whatever asks for it", async () => {
    const app = await exhausted();
    const { patches, events } = await app.run(works);
    assert.deepEqual([app.seen.runs, patches, events], [3, [], []]);
  });

  test("is worked on again at another revision", async () => {
    const app = await exhausted();
    const result = await app.run(works, "b");
    assert.equal(condition(result, "Ready")?.status, "True");
    assert.equal(condition(result, "Stalled"), undefined);
  });

  test("is worked on again at another generation", async () => {
    const app = await exhausted();
    app.edit();
    assert.equal(condition(await app.run(works), "Ready")?.status, "True");
  });

  test("is not after a restart: its status says so", async () => {
    const before = await exhausted();
    const { status } = await before.run(works);
    const after = start(createRunLedger(), status);
    await after.run(works);
    assert.equal(after.seen.runs, 0);
  });

  test("begins to count again after a success", async () => {
    const app = start();
    for (const work of [tooLarge, tooLarge, works, tooLarge, tooLarge]) await app.run(work);
    assert.equal(condition(await app.run(works), "Ready")?.status, "True");
  });
});

suite("an object that was reconciled when the controller died", () => {
  const subject = { kind: "Kustomization", uid: "uid-app", generation: 1 };

  test("is Stalled without another try when it has all strikes", async () => {
    const ledger = createRunLedger();
    using run = ledger.begin(subject);
    for (const _ of [1, 2, 3]) run.strike();
    run[Symbol.dispose]();
    const app = start(ledger);
    const result = await app.run(works);
    assert.equal(app.seen.runs, 0);
    assert.partialDeepStrictEqual(condition(result, "Stalled"), { status: "True", reason: "ResourceExhausted" });
    assert.equal(result.status.lastAttemptedRevision, "a");
  });

  test("waits for its turn, for the same reason", async () => {
    const app = start(Object.assign(createRunLedger(), { mayRun: () => false }));
    const { next } = await app.run(works);
    assert.deepEqual([app.seen.runs, next], [0, { kind: "after", afterMs: 1000, trigger: "interval" }]);
  });
});

function condition(result: Reconciled<KustomizationStatus> | undefined, type: string): Condition | undefined {
  return result?.status.conditions?.find((one) => one.type === type);
}
