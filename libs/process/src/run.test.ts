import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ProcessError } from "./process-error.ts";
import { run } from "./run.ts";

suite("run", () => {
  test("gives the exit code, the output and the errors of a program", async () => {
    const finished = await run("/bin/sh", ["-c", "cat; echo oops >&2; exit 3"], { input: "hello", timeoutMs: 5000 });
    assert.deepEqual(
      { ...finished, stdout: finished.stdout.toString() },
      { exitCode: 3, stdout: "hello", stderr: "oops\n" },
    );
  });

  test("inherits no environment", async () => {
    const { stdout } = await run("/usr/bin/env", [], { env: { ONLY: "this" }, timeoutMs: 5000 });
    assert.equal(stdout.toString(), "ONLY=this\n");
  });

  test("ends the whole group of a program that takes too long", async () => {
    const started = run("/bin/sh", ["-c", "sleep 60 & echo $!; wait"], { timeoutMs: 200 });
    await assert.rejects(started, (error) => error instanceof ProcessError && error.kind === "timeout");
  });

  test("ends a program that writes too much", async () => {
    const started = run("/bin/sh", ["-c", "yes"], { timeoutMs: 10_000, maxOutputBytes: 1000 });
    await assert.rejects(started, (error) => error instanceof ProcessError && error.kind === "output");
  });

  test("ends a program when it is cancelled", async () => {
    const controller = new AbortController();
    const started = run("/bin/sleep", ["60"], { timeoutMs: 60_000, signal: controller.signal });
    controller.abort();
    await assert.rejects(started, (error) => error instanceof ProcessError && error.kind === "aborted");
  });

  test("says which program could not be started", async () => {
    const started = run("/no/such/program", [], { timeoutMs: 1000 });
    await assert.rejects(
      started,
      (error) => error instanceof ProcessError && error.kind === "spawn" && /no\/such/.test(error.message),
    );
  });

  test("hands output on as it comes", async () => {
    let bytes = 0;
    const { stdout } = await run("/bin/sh", ["-c", "head -c 300000 /dev/zero"], {
      timeoutMs: 5000,
      onOutput: (chunk) => {
        bytes += chunk.length;
      },
    });
    assert.deepEqual([bytes, stdout.length], [300_000, 0]);
  });
});
