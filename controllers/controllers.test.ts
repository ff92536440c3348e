import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { dirname } from "node:path";
import { suite, test } from "node:test";
import { kinds } from "@leat/api";
import { parseFlags } from "@leat/controller";
import { controllers, flagsHere } from "./index.ts";

test("every folder here is a controller that is listed", async () => {
  const manifests = await Array.fromAsync(glob("*/package.json", { cwd: import.meta.dirname }));
  assert.deepEqual(manifests.map(dirname).toSorted(), controllers.map(({ key }) => key).toSorted());
});

test("every kind names a controller that is listed, or none", () => {
  const names = controllers.map(({ name }) => name);
  const others = kinds.filter(({ reconciledBy }) => reconciledBy !== undefined && !names.includes(reconciledBy));
  assert.deepEqual(others, []);
});

for (const controller of controllers) {
  suite(controller.name, () => {
    test("has a program of its name", async () => assert.equal((await controller.load()).name, controller.name));

    test("knows each flag that is declared for it", async () => {
      const { flags } = await controller.load();
      const { flags: inPods, lockdownFlags } = controller.chart;
      const here = flagsHere(controller, { directory: "/tmp", port: "0" }, (name) => `/bin/${name}`);
      assert.ok(parseFlags(flags, [...here, ...inPods, ...lockdownFlags], {}));
    });
  });
}
