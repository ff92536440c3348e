import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ConditionType, conditionMeanings } from "./condition.ts";
import { Reason, reasonMeanings } from "./reason.ts";

suite("reasons and types of conditions", () => {
  test("name themselves", () => {
    for (const [key, value] of [...Object.entries(Reason), ...Object.entries(ConditionType)]) assert.equal(value, key);
  });

  test("are words that the API server takes as a reason", () => {
    for (const reason of Object.keys(Reason)) assert.match(reason, /^[A-Z][A-Za-z]+$/);
  });

  test("have one sentence of meaning each", () => {
    for (const meaning of [...Object.values(reasonMeanings), ...Object.values(conditionMeanings)])
      assert.match(meaning, /^[A-Z].*[.]$/);
  });
});
