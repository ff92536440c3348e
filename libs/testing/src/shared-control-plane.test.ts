import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { sharedControlPlane } from "./shared-control-plane.ts";
import { createTestNamespace } from "./test-namespace.ts";

suite("shared control plane", () => {
  test("is one for all callers, gives each test its namespace, and is not theirs to stop", async () => {
    const [one, other] = await Promise.all([sharedControlPlane(), sharedControlPlane()]);
    assert.equal(one.url, other.url);
    await using first = await createTestNamespace(one, "shared");
    await using second = await createTestNamespace(other, "shared");
    assert.match(first.name, /^shared-/);
    assert.notEqual(first.name, second.name);
    await one[Symbol.asyncDispose]();
    await using third = await createTestNamespace(other);
    assert.match(third.name, /^test-/);
    await assert.rejects(one.stopApiServer(), /startControlPlane/);
  });
});
