import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { run } from "@leat/process";
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

  test("is the one that LEAT_TEST_KUBECONFIG names, where it is set", async () => {
    const { kubeconfig, url, token, caFile } = await sharedControlPlane();
    const program = `
      const { sharedControlPlane } = await import(${JSON.stringify(import.meta.resolve("./shared-control-plane.ts"))});
      const { createTestNamespace } = await import(${JSON.stringify(import.meta.resolve("./test-namespace.ts"))});
      const { url, token, caFile, ...controlPlane } = await sharedControlPlane();
      await using namespace = await createTestNamespace({ url, token, caFile, ...controlPlane });
      console.log(JSON.stringify({ url, token, caFile }));`;
    const env = { LEAT_TEST_KUBECONFIG: kubeconfig };
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program], {
      env,
      timeoutMs: 20_000,
    });
    assert.deepEqual([JSON.parse(stdout.toString() || "null"), stderr], [{ url, token, caFile }, ""]);
  });
});
