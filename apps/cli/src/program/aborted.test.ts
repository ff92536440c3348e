import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "@leat/process";

test("waiting for a signal keeps a process alive that has nothing else to do", async () => {
  const module = JSON.stringify(join(import.meta.dirname, "aborted.ts"));
  const script = `
    import { aborted } from ${module};
    const controller = new AbortController();
    process.once("SIGTERM", () => controller.abort());
    // Ends nothing, and keeps nothing alive: who is not kept alive exits before it.
    setTimeout(() => process.kill(process.pid, "SIGTERM"), 200).unref();
    await aborted(controller.signal);
    console.log("aborted");
  `;
  const { exitCode, stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    timeoutMs: 30_000,
  });
  assert.equal(stdout.toString(), "aborted\n");
  assert.equal(exitCode, 0);
});
