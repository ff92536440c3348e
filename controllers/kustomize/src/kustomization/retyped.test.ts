import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { builtObject } from "@leat/kustomize";
import { configMap } from "./fixtures/build.ts";
import { explainRetyped } from "./retyped.ts";
import { substitute } from "./substitute.ts";

const variables = new Map([["num", { value: "0123", from: "spec.postBuild.substitute", isSecret: false }]]);
const declared = builtObject(configMap("one", { a: "v${num}", k: "${num}", "long.key": "${num}" }), {
  file: "app/one.yaml",
});
const substituted = await substitute(declared, { variables, turn: async () => {} });
assert.ok(substituted.kind === "object");
const objects = [substituted.built];
const place = "ConfigMap/team/one (file app/one.yaml)";

suite("a field that the value of a variable has made a number", () => {
  for (const field of ["k", "long.key"]) {
    test(`is explained: ${field}`, () => {
      const words = `${place}: .data.${field}: expected string, got &value.valueUnstructured{Value:83}`;
      const advice = `; it comes from variable num: to stay text, a value needs quotes of its own, as in num: '"text"'`;
      assert.equal(explainRetyped(words, objects), words + advice);
    });
  }
});

suite("a message stays as it is", () => {
  const messages = [
    `${place}: .data.a: expected string, got 5`,
    `ConfigMap/team/two: .data.k: expected string, got 5`,
    `${place}: .data.k: something else`,
  ];
  for (const message of messages) test(message, () => assert.equal(explainRetyped(message, objects), message));
});
