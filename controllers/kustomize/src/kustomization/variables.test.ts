import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { clusterWith, configData, rejection } from "./fixtures/configs.ts";
import { kustomization } from "./fixtures/kustomization.ts";
import { readVariableSources, variablesOf } from "./variables.ts";

const object = (substitute: object) => kustomization({ postBuild: { substitute } });

suite("the variables of a Kustomization", () => {
  test("are those of the later source, and of the spec before all", async () => {
    const sources = [
      await configData("ConfigMap", { a: "1", b: "1", c: "1" }),
      await configData("Secret", { b: "2", c: "2" }),
    ];
    const found = variablesOf(object({ c: "3" }), sources);
    assert.ok(found.kind === "variables");
    assert.deepEqual(Object.fromEntries(found.variables), {
      a: { value: "1", from: "ConfigMap/team/one", isSecret: false },
      b: { value: "2", from: "Secret/team/one", isSecret: true },
      c: { value: "3", from: "spec.postBuild.substitute", isSecret: false },
    });
  });

  test("have no line breaks, and no value where they are no text", async () => {
    const sources = [
      await configData("ConfigMap", { a: "\n1\n2\n" }),
      await configData("Secret", { b: "\n1\r\n", c: Buffer.from([0xff, 0xfe]) }),
    ];
    const found = variablesOf(object({ d: "x\ny" }), sources);
    assert.ok(found.kind === "variables");
    const values = [...found.variables].map(([name, { value }]) => [name, value]);
    assert.deepEqual(Object.fromEntries(values), { a: "12", b: "1\r", c: undefined, d: "xy" });
  });

  for (const name of ["a-b", "1a", "", "a.b", "é", "a b"]) {
    test(`cannot be called ${JSON.stringify(name)}`, async () => {
      const found = variablesOf(object({}), [await configData("Secret", { fine_1: "x", [name]: "hidden" })]);
      assert.ok(found.kind === "rejected");
      assert.ok(
        found.message.startsWith(
          `Secret/team/one has the key ${JSON.stringify(name)}, which is not a valid variable name`,
        ),
      );
      assert.ok(!found.message.includes("hidden"));
    });
  }
});

suite("the objects that variables come from", () => {
  const read = async (
    names: ReadonlyArray<{ name: string; optional?: boolean }>,
    forbidden: readonly string[] = [],
  ) => {
    const substituteFrom = names.map((one) => ({ kind: "Secret", optional: false, ...one }));
    const cluster = clusterWith({ "Secret/team/one": { a: "1" } }, forbidden);
    return readVariableSources(kustomization({ postBuild: { substituteFrom } }), cluster, AbortSignal.timeout(60_000));
  };

  test("may be missing where they are optional", async () => {
    const answer = await read([{ name: "none", optional: true }, { name: "one" }]);
    assert.ok(answer.kind === "read" && answer.isComplete);
    assert.deepEqual(
      answer.sources.map(({ subject }) => subject),
      ["Secret/team/one"],
    );
  });

  test("are a rejection where one is missing", async () => {
    const message =
      "Secret/team/none of spec.postBuild.substituteFrom does not exist: create it, or set optional: true";
    assert.deepEqual(await read([{ name: "one" }, { name: "none" }]), { kind: "rejected", message });
  });

  test("are a rejection where one may not be read, optional or not", async () => {
    for (const optional of [false, true]) {
      const answer = await read([{ name: "one", optional }], ["Secret/team/one"]);
      const message = `Secret/team/one of spec.postBuild.substituteFrom cannot be read: ${rejection("secrets", "one")}`;
      assert.deepEqual(answer, { kind: "rejected", message });
    }
  });
});
