import assert from "node:assert/strict";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { parseYaml } from "@leat/yaml";
import { makeCredentials } from "./credentials.ts";

test("what was encrypted is not to be read in the file, and sops opens it with the key and finds nothing changed", async () => {
  const { identity, values, encrypted } = await makeCredentials();
  assert.ok(values.password && !encrypted.includes(values.password));
  await using place = await mkdtempDisposable(join(tmpdir(), "leat-encrypted-"));
  const path = join(place.path, "secret.yaml");
  await writeFile(path, encrypted);
  const { exitCode, stdout, stderr } = await run(await binary("sops"), ["decrypt", path], {
    env: { HOME: place.path, SOPS_AGE_KEY: identity },
    timeoutMs: 60_000,
  });
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(parseYaml(stdout.toString(), "secret.yaml"), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "shop-credentials" },
    stringData: values,
  });
});
