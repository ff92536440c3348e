import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { eventually } from "./eventually.ts";

suite("eventually", () => {
  test("gives the first answer that is there, zero and the empty text included", async () => {
    for (const answer of [0, "", "yes"]) {
      const answers = [undefined, null, false, answer];
      assert.equal(await eventually(() => answers.shift(), { what: "an answer" }), answer);
    }
  });

  test("asks again when the probe throws", async () => {
    let calls = 0;
    const probe = () => {
      if (++calls < 3) throw new Error("not yet");
      return calls;
    };
    assert.equal(await eventually(probe, { what: "the third call" }), 3);
  });

  test("tells what it waited for and what it saw last, when time is up", async () => {
    await assert.rejects(
      eventually(async () => false, { what: "the moon", timeoutMs: 30 }),
      /^Error: waited 30 ms for the moon; last seen: false$/,
    );
    const broken = eventually(() => Promise.reject(new Error("no sky")), { what: "the moon", timeoutMs: 30 });
    await assert.rejects(
      broken,
      (error: Error) => /last seen: no sky/.test(error.message) && error.cause instanceof Error,
    );
  });

  test("ends at once when it is cancelled", async () => {
    const controller = new AbortController();
    const waiting = eventually(() => false, { what: "the moon", timeoutMs: 60_000, signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(waiting, (error: Error) => error.message === "enough" || error.name === "AbortError");
  });
});
