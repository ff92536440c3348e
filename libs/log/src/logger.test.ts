import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLogger } from "./logger.ts";

suite("logger", () => {
  function logged(level: "debug" | "info" | "error"): {
    lines: Record<string, unknown>[];
    log: ReturnType<typeof createLogger>;
  } {
    const lines: Record<string, unknown>[] = [];
    return { lines, log: createLogger(level, (line) => lines.push(JSON.parse(line))) };
  }

  test("drops lines below its level", () => {
    const { lines, log } = logged("info");
    log.debug("hidden");
    log.info("shown");
    assert.deepEqual(
      lines.map((line) => line["msg"]),
      ["shown"],
    );
  });

  test("carries bound fields", () => {
    const { lines, log } = logged("debug");
    log.with({ controller: "kustomization" }).info("applied", { name: "app" });
    assert.partialDeepStrictEqual(lines[0], { level: "info", controller: "kustomization", name: "app" });
  });

  test("writes an error with its causes, and a stack only where it is a bug", () => {
    const { lines, log } = logged("info");
    const fault = Object.assign(new Error("cannot fetch", { cause: new Error("connection refused") }), {
      reason: "GitOperationFailed",
    });
    log.error("failed", { err: fault });
    log.error("failed", { err: new TypeError("undefined is not a function") });
    assert.equal(lines[0]?.["error"], "cannot fetch: connection refused");
    assert.equal(lines[0]?.["stacktrace"], undefined);
    assert.match(String(lines[1]?.["stacktrace"]), /TypeError/);
  });
});
