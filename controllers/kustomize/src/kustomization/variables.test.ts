import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { variablesOf } from "./variables.ts";

const object = (substitute: object) => kustomization({ postBuild: { substitute } });
const base64 = (value: string | Buffer) => Buffer.from(value).toString("base64");
const configMap = (data: Record<string, string>) => ({
  subject: "ConfigMap/team/c",
  isSecret: false,
  data,
  version: "1",
});
const secret = (data: Record<string, string>) => ({ subject: "Secret/team/s", isSecret: true, data, version: "1" });

suite("the variables of a Kustomization", () => {
  test("are those of the later source, and of the spec before all", () => {
    const sources = [configMap({ a: "1", b: "1", c: "1" }), secret({ b: base64("2"), c: base64("2") })];
    const found = variablesOf(object({ c: "3" }), sources);
    assert.ok(found.kind === "variables");
    assert.deepEqual(Object.fromEntries(found.variables), {
      a: { value: "1", from: "ConfigMap/team/c", isSecret: false },
      b: { value: "2", from: "Secret/team/s", isSecret: true },
      c: { value: "3", from: "spec.postBuild.substitute", isSecret: false },
    });
  });

  test("have no line breaks, and no value where they are no text", () => {
    const sources = [
      configMap({ a: "\n1\n2\n" }),
      secret({ b: base64("\n1\r\n"), c: base64(Buffer.from([0xff, 0xfe])) }),
    ];
    const found = variablesOf(object({ d: "x\ny" }), sources);
    assert.ok(found.kind === "variables");
    const values = [...found.variables].map(([name, { value }]) => [name, value]);
    assert.deepEqual(Object.fromEntries(values), { a: "12", b: "1\r", c: undefined, d: "xy" });
  });

  for (const name of ["a-b", "1a", "", "a.b", "é", "a b"]) {
    test(`cannot be called ${JSON.stringify(name)}`, () => {
      const found = variablesOf(object({}), [secret({ fine_1: base64("x"), [name]: base64("hidden") })]);
      assert.ok(found.kind === "refused");
      assert.ok(found.message.startsWith(`Secret/team/s has the key ${JSON.stringify(name)}, which cannot be`));
      assert.ok(!found.message.includes("hidden"));
    });
  }
});
