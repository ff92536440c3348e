import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject, Selector } from "@leat/api";
import { compileIgnoreRules } from "./ignore-rules.ts";
import { Rejection } from "../objects/rejection.ts";

const web: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "team", labels: { app: "web" }, annotations: { owner: "a" } },
};

suite("a rule on what to ignore", () => {
  const targets: Array<[target: Selector | undefined, matches: boolean]> = [
    [undefined, true],
    [{}, true],
    [{ kind: "Deployment" }, true],
    [{ kind: "Deploy" }, false],
    [{ kind: "Deploy.*" }, true],
    [{ kind: "StatefulSet|Deployment" }, true],
    [{ group: "apps", version: "v1" }, true],
    [{ group: "batch" }, false],
    [{ version: "v2" }, false],
    [{ name: "w.b", namespace: "team" }, true],
    [{ namespace: "other" }, false],
    [{ labelSelector: "app in (web)", annotationSelector: "owner" }, true],
    [{ labelSelector: "app!=web" }, false],
    [{ annotationSelector: "!owner" }, false],
    [{ kind: "Deployment", name: "other" }, false],
  ];
  for (const [target, matches] of targets) {
    test(`for ${JSON.stringify(target)} ${matches ? "concerns" : "does not concern"} the object`, async () => {
      const ignoredIn = await compileIgnoreRules([{ paths: ["/spec/replicas"], target }]);
      assert.deepEqual(ignoredIn(web), matches ? [["spec", "replicas"]] : []);
    });
  }

  test("is one of several, whose paths add up", async () => {
    const ignoredIn = await compileIgnoreRules([
      { paths: ["/a", "/b"] },
      { paths: ["/c"], target: { kind: "Job" } },
      { paths: ["/d"] },
    ]);
    assert.deepEqual(ignoredIn(web), [["a"], ["b"], ["d"]]);
  });

  test("is not needed for what is below another path, nor twice", async () => {
    const ignoredIn = await compileIgnoreRules([
      { paths: ["/a/b", "/ab", "/a", "/c"] },
      { paths: ["/a/d/e", "/c", "/c"], target: { kind: "Deployment" } },
    ]);
    assert.deepEqual(ignoredIn(web), [["ab"], ["a"], ["c"]]);
  });

  test("may name keys with slashes and tildes", async () => {
    const ignoredIn = await compileIgnoreRules([{ paths: ["/metadata/annotations/example.org~1a~0b~01"] }]);
    assert.deepEqual(ignoredIn(web), [["metadata", "annotations", "example.org/a~b~1"]]);
  });

  test("may be for a whole object", async () => {
    assert.deepEqual((await compileIgnoreRules([{ paths: ["/a", ""] }]))(web), [[]]);
  });

  test("may stand in another field of the spec", async () => {
    await assert.rejects(
      compileIgnoreRules([{ paths: ["a"] }], "spec.driftDetection.ignore"),
      /^Rejection: spec\.driftDetection\.ignore\[0\]\.paths: "a" is not a valid JSON pointer/,
    );
  });

  test("has patterns that no text keeps busy", async () => {
    const ignoredIn = await compileIgnoreRules([{ paths: ["/a"], target: { name: "(a+)+b" } }]);
    assert.deepEqual(ignoredIn({ ...web, metadata: { name: "a".repeat(253) } }), []);
  });

  const large: Array<[what: string, rules: Array<{ paths: string[]; target?: Selector }>, message: RegExp]> = [
    ["rules", Array.from({ length: 201 }, () => ({ paths: ["/a"] })), /spec\.ignore with 201 rules: the limit is 200/],
    ["paths", [{ paths: Array.from({ length: 1001 }, () => "/a") }], /with 1001 paths: the limit is 1000 paths/],
    ["a long pointer", [{ paths: [`/${"a".repeat(2000)}`] }], /a pointer of 2001 characters: the limit is 1024/],
    [
      "a large regular expression",
      [{ paths: ["/a"], target: { name: "(x{1000})".repeat(900) } }],
      /spec\.ignore\[0\]\.target\.name, a regular expression of about \d+ instructions: the limit is 20000/,
    ],
    [
      "a long selector",
      [{ paths: ["/a"], target: { labelSelector: ",".repeat(1_000_000) } }],
      /a selector of 1000000 characters: the limit is 4096 characters/,
    ],
  ];
  for (const [what, rules, message] of large) {
    test(`with ${what} beyond the limit are rejected`, async () => {
      await assert.rejects(compileIgnoreRules(rules), { reason: "LimitExceeded", message });
    });
  }

  const wrong: Array<[rule: { paths: string[]; target?: Selector }, message: RegExp]> = [
    [{ paths: ["spec.replicas"] }, /^spec\.ignore\[0\]\.paths: "spec\.replicas" is not a valid JSON pointer/],
    [{ paths: ["/a~2b"] }, /is not a valid JSON pointer/],
    [
      { paths: ["/a"], target: { name: "(" } },
      /^spec\.ignore\[0\]\.target\.name: "\(" is not a valid regular expression/,
    ],
    [{ paths: ["/a"], target: { name: "(?=a)" } }, /is not a valid regular expression/],
    [{ paths: ["/a"], target: { labelSelector: "a b" } }, /target\.labelSelector: "a b" is not a valid selector/],
  ];
  for (const [rule, message] of wrong) {
    test(`${JSON.stringify(rule)} is rejected`, async () => {
      await assert.rejects(
        compileIgnoreRules([rule]),
        (error) => error instanceof Rejection && message.test(error.message),
      );
    });
  }
});
