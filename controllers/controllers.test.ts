import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { dirname } from "node:path";
import { suite, test } from "node:test";
import { kinds } from "@leat/api";
import { parseFlags } from "@leat/controller";
import { controllers } from "./index.ts";

test("every folder here is a controller that is listed", async () => {
  const manifests = await Array.fromAsync(glob("*/package.json", { cwd: import.meta.dirname }));
  assert.deepEqual(manifests.map(dirname).toSorted(), controllers.map(({ key }) => key).toSorted());
});

test("every kind names a controller that is listed, or none", () => {
  const names = controllers.map(({ name }) => name);
  const others = kinds.filter(({ reconciledBy }) => reconciledBy !== undefined && !names.includes(reconciledBy));
  assert.deepEqual(others, []);
});

for (const { name, load, binaries, localFlags, chart } of controllers) {
  suite(name, () => {
    test("has a program of its name", async () => assert.equal((await load()).name, name));

    test("knows each flag that is declared for it", async () => {
      const paths = Object.keys(binaries).map((flag) => `--${flag}=/bin/true`);
      const { flags } = await load();
      assert.ok(parseFlags(flags, [...localFlags.map(filled), ...paths, ...chart.flags, ...chart.lockdownFlags], {}));
    });
  });
}

function filled(flag: string): string {
  return flag.replace("{{directory}}", "/tmp").replace("{{port}}", "0");
}
