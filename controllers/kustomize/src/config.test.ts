import assert from "node:assert/strict";
import { basename } from "node:path";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { programPath } from "./config.ts";

suite("the path of a program", () => {
  test("is what it was given, where that is a path", async () => {
    assert.equal(await programPath("/opt/kustomize"), "/opt/kustomize");
  });

  test("is found on the PATH", async () => {
    const path = await programPath("sh");
    assert.ok(path.startsWith("/"));
    assert.equal(basename(path), "sh");
  });

  test("is missed with words that help", async () => {
    await assert.rejects(
      programPath("no-such-program"),
      (error) => error instanceof Fault && /--kustomize-binary/.test(error.message),
    );
  });
});
