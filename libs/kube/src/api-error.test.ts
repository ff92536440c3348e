import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { apiErrorOf, isNotFound } from "./api-error.ts";

suite("what the server rejects", () => {
  test("comes with code, reason, causes and the time to wait", () => {
    const causes = [{ reason: "FieldValueInvalid", message: "must be positive", field: "spec.replicas" }];
    const body = status({ reason: "Invalid", message: "no good", details: { causes, retryAfterSeconds: 3 } });
    const error = apiErrorOf({ code: 422, body });
    assert.deepEqual([error.code, error.reason, error.message, error.retryAfterMs], [422, "Invalid", "no good", 3000]);
    assert.deepEqual(error.causes, causes);
  });

  const headers: Array<[header: string, ms: (value: number | undefined) => boolean]> = [
    ["2", (value) => value === 2000],
    [new Date(Date.now() + 5_000).toUTCString(), (value) => value !== undefined && value > 3_000 && value <= 5_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", (value) => value === 0],
    ["soon", (value) => value === undefined],
  ];
  for (const [retryAfter, isRight] of headers) {
    test(`understands Retry-After: ${retryAfter}`, () => {
      assert.ok(isRight(apiErrorOf({ code: 429, body: "", retryAfter }).retryAfterMs));
    });
  }

  const secrets: Array<[given: string, message: string, expected: string]> = [
    ["a quoted value", `data[key]: Invalid value: "hunter\\"2": too short`, "data[key]: Invalid value: ***: too short"],
    [
      "a bare value",
      "type: Unsupported value: hunter2: supported values: a",
      "type: Unsupported value: ***: supported values: a",
    ],
    ["another type", `.data: expected map, got &{hunter2 "x"}`, ".data: expected map, got ***"],
  ];
  for (const [given, message, expected] of secrets) {
    test(`hides in a Secret's error ${given}`, () => {
      const error = apiErrorOf({
        code: 422,
        body: status({ message, details: { causes: [{ message }] } }),
        secret: true,
      });
      assert.deepEqual([error.message, error.causes[0]?.message], [expected, expected]);
    });
  }

  const foreign: Array<[given: string, body: string]> = [
    ["a text", "role credentials AKIA123"],
    ["JSON", '{"error":"role credentials AKIA123"}'],
    ["a page", "<html>role credentials AKIA123</html>"],
    ["a Status of another kind", '{"kind":"Report","message":"role credentials AKIA123"}'],
  ];
  for (const [given, body] of foreign) {
    test(`shows the code alone of a server that responds with ${given}`, () => {
      for (const code of [401, 404, 500, 503]) assert.equal(apiErrorOf({ code, body }).message, `HTTP ${code}`);
    });
  }

  const absent: Array<[given: string, code: number, body: string, expected: boolean]> = [
    ["a Status that says so", 404, status({ reason: "NotFound", message: `configmaps "x" not found` }), true],
    ["the path of a kind that is not served", 404, "404 page not found\n", true],
    ["a gateway's page", 404, "<html>not found</html>", false],
    ["a gateway's JSON", 404, `{"error":"not found"}`, false],
    ["another code", 410, status({ reason: "NotFound", message: "gone" }), false],
  ];
  for (const [given, code, body, expected] of absent) {
    test(`${given} ${expected ? "means" : "does not mean"} that there is no object`, () => {
      assert.equal(isNotFound(apiErrorOf({ code, body })), expected);
    });
  }
});

function status(fields: object): string {
  return JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", ...fields });
}
