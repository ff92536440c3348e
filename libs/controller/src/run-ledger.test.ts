import assert from "node:assert/strict";
import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createLogger } from "@leat/log";
import { openRunLedger, type RunLedger, type Subject } from "./run-ledger.ts";

const log = createLogger("error", (line) => assert.fail(line));
const app = subject("app");
const other = subject("other");

function subject(uid: string, generation = 1): Subject {
  return { kind: "Kustomization", uid, generation };
}

/** Controllers that follow one another in the same container. One that is not disposed of has died. */
async function openDirectory() {
  const directory = await mkdtempDisposable(join(tmpdir(), "leat-runs-"));
  // No process has such a number.
  let pid = 2 ** 23;
  const start = (): RunLedger => openRunLedger({ directory: directory.path, log, self: `${(pid += 1)}-0` });
  const files = () => readdir(directory.path);
  return {
    start,
    startHere: () => openRunLedger({ directory: directory.path, log }),
    files,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

suite("after the controller has died", () => {
  test("what was running has a strike, and what had ended has none", async () => {
    await using directory = await openDirectory();
    const died = directory.start();
    died.begin(app);
    died.begin(other)[Symbol.dispose]();
    const next = directory.start();
    assert.deepEqual([next.strikesOf(app), next.strikesOf(other)], [1, 0]);
  });

  test("what was running the second time too has all strikes", async () => {
    await using directory = await openDirectory();
    directory.start().begin(app);
    directory.start().begin(app);
    assert.equal(directory.start().strikesOf(app), 3);
  });

  test("what had not begun again keeps its strike, however often the controller dies of another one", async () => {
    await using directory = await openDirectory();
    const died = directory.start();
    died.begin(app);
    died.begin(other);
    directory.start().begin(other);
    const next = directory.start();
    assert.deepEqual([next.strikesOf(app), next.strikesOf(other)], [1, 3]);
  });

  test("those that were running have their turns one at a time, and others at any time", async () => {
    await using directory = await openDirectory();
    const died = directory.start();
    died.begin(app);
    died.begin(other);
    const next = directory.start();
    const run = next.begin(app);
    assert.deepEqual([next.mayRun(other), next.mayRun(subject("third"))], [false, true]);
    run[Symbol.dispose]();
    assert.equal(next.mayRun(other), true);
  });

  test("one that comes to its end is like any other", async () => {
    await using directory = await openDirectory();
    directory.start().begin(app);
    const next = directory.start();
    const run = next.begin(app);
    run.clear();
    run[Symbol.dispose]();
    directory.start().begin(app);
    assert.equal(directory.start().strikesOf(app), 1);
  });

  test("another generation has no strikes", async () => {
    await using directory = await openDirectory();
    directory.start().begin(app);
    assert.equal(directory.start().strikesOf(subject("app", 2)), 0);
  });

  test("a record that was being written is passed over", async () => {
    await using directory = await openDirectory();
    directory.start().begin(subject("x".repeat(300)));
    assert.equal(directory.start().strikesOf(app), 0);
  });
});

suite("the work of an object that is ended by a limit", () => {
  test("is counted until it comes to its end", async () => {
    await using directory = await openDirectory();
    const ledger = directory.start();
    for (const strikes of [1, 2]) {
      using run = ledger.begin(app);
      assert.equal(run.strike(), strikes);
    }
    assert.equal(ledger.strikesOf(app), 2);
    ledger.begin(app).clear();
  });

  test("is forgotten with its object", async () => {
    await using directory = await openDirectory();
    const ledger = directory.start();
    {
      using run = ledger.begin(app);
      run.strike();
    }
    ledger.forget(app);
    assert.equal(ledger.strikesOf(app), 0);
  });
});

test("a controller that ends leaves nothing", async () => {
  await using directory = await openDirectory();
  const ledger = directory.start();
  ledger.begin(app);
  ledger[Symbol.dispose]();
  assert.deepEqual(await directory.files(), []);
});

test("what another controller is running is not touched", async () => {
  await using directory = await openDirectory();
  using living = directory.startHere();
  using _ = living.begin(app);
  assert.equal(directory.start().strikesOf(app), 0);
});
