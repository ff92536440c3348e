import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { kustomizeBinary, programPath } from "./config.ts";

suite("the path of a program", () => {
  test("is what it was given, where that is a path", async () => {
    assert.equal(await programPath("/opt/kustomize"), "/opt/kustomize");
  });

  test("is found on the PATH", async () => {
    const path = await programPath("sh");
    assert.match(path ?? "", /^\/.*\/sh$/);
  });

  test("is missed with words that help", async () => {
    assert.equal(await programPath("no-such-program"), undefined);
    await assert.rejects(
      kustomizeBinary("no-such-program"),
      (error) => error instanceof Fault && /--kustomize-binary/.test(error.message),
    );
  });
});
