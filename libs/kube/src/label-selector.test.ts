import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseLabelSelector } from "./label-selector.ts";

const labels = { app: "web", zone: "b", empty: "", replicas: "3" };

suite("a label selector", () => {
  const rows: Array<[selector: string, matches: boolean]> = [
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web , zone = b", true],
    ["app=cache", false],
    ["app!=cache", true],
    ["other!=x", true],
    ["app", true],
    ["other", false],
    ["!other", true],
    ["!app", false],
    ["zone in (a, b)", true],
    ["zone in (a,c),app=web", false],
    ["zone notin (a,c)", true],
    ["other notin (a)", true],
    ["other in ()", false],
    ["empty=", true],
    ["empty in ()", true],
    ["replicas>2", true],
    ["replicas<3", false],
    ["app>2", false],
    ["toString", false],
    ["constructor=x", false],
  ];
  for (const [selector, matches] of rows) {
    test(`${JSON.stringify(selector)} ${matches ? "matches" : "does not match"}`, () =>
      assert.equal(parseLabelSelector(selector)?.(labels), matches));
  }

  for (const selector of ["!!", "app=web,", "=web", "app in web", "a b", "app=we b", "zone in (a", "app=(a)"]) {
    test(`${JSON.stringify(selector)} cannot be read`, () => assert.equal(parseLabelSelector(selector), undefined));
  }
});
