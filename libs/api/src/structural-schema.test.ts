import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as z from "zod";
import { structuralSchema } from "./structural-schema.ts";

suite("a zod schema becomes a structural schema", () => {
  test("a whole number is an int64 and keeps only the bounds that were asked for", () => {
    assert.deepEqual(structuralSchema(z.int()), { type: "integer", format: "int64" });
    assert.deepEqual(structuralSchema(z.int().min(0)), { type: "integer", format: "int64", minimum: 0 });
  });

  test("a field with a default is not required", () => {
    assert.deepEqual(structuralSchema(z.object({ a: z.string(), b: z.string().default("x") })), {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string", default: "x" } },
      required: ["a"],
    });
  });

  test("a map of strings has no names of properties", () => {
    assert.deepEqual(structuralSchema(z.record(z.string(), z.string())), {
      type: "object",
      additionalProperties: { type: "string" },
    });
  });

  test("a pattern keeps its slashes plain", () => {
    assert.deepEqual(structuralSchema(z.string().regex(/^a\/b$/)), { type: "string", pattern: "^a/b$" });
  });

  test("a rule in CEL stays with its object", () => {
    const rules = [{ rule: "has(self.a)", message: "a must be set" }];
    const schema = structuralSchema(z.object({ a: z.string().optional() }).meta({ "x-kubernetes-validations": rules }));
    assert.deepEqual(schema["x-kubernetes-validations"], rules);
  });

  test("a field may be named like a keyword", () => {
    const schema = structuralSchema(z.object({ description: z.string(), propertyNames: z.string() }));
    assert.deepEqual(Object.keys(schema.properties ?? {}), ["description", "propertyNames"]);
  });

  for (const [name, schema] of [
    ["a union", z.object({ either: z.union([z.string(), z.int()]) })],
    ["a tuple", z.object({ pair: z.tuple([z.string(), z.int()]) })],
    ["base64", z.object({ bytes: z.base64() })],
  ] as const) {
    test(`${name} is rejected here, not by the API server`, () =>
      assert.throws(() => structuralSchema(schema), /cannot hold/));
  }
});
