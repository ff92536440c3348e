import assert from "node:assert/strict";
import { test } from "node:test";
import { kustomizeBinary } from "./kustomize-binary.ts";

test("a kustomize binary that is missing is a fault that names the flag", async () => {
  const missing = kustomizeBinary("no-such-program", "/bin");
  await assert.rejects(missing, { name: "Fault", reason: "BuildFailed", message: /--kustomize-binary/ });
  assert.equal(await kustomizeBinary("sh", "/bin"), "/bin/sh");
});
