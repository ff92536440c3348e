import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { reasonOf } from "./message.ts";

const place = { root: "/work/root", temporary: "/work" };
const reason = (stderr: string) => reasonOf(stderr, place, "app");

suite("the reason that kustomize writes", () => {
  const object = `{"kind":"Secret","data":{"password":"${"x".repeat(60)}"}}`;
  const rows: Array<[about: string, stderr: string, reason: string | RegExp]> = [
    ["without objects", `may not merge ${object} with ${object}`, "may not merge {...}"],
    ["without maps of Go", `cannot use map[data:map[password:${"x".repeat(60)}]] here`, "cannot use map[...] here"],
    ["without configuration", "plugin x with config: `a: hidden` failed with config: `b`", "plugin x failed"],
    ["without configuration that has no end", "plugin x with config: `a: hidden", "plugin x with config: ..."],
    ["without literals", "literal sources [a=hidden b]: expected key=value", "a literal must be key=value"],
    ["without lines", "env source files: [a.env]: hidden", "env source files: [a.env]: a line must be KEY=value"],
    [
      "without credentials in URLs",
      'https://u:hidden@x.org/a.yaml?token=hidden: Get "https://x.org/a.yaml?x?y=hidden&token=hidden": dial; is it right?',
      'https://x.org/a.yaml: Get "https://x.org/a.yaml": dial; is it right?',
    ],
    [
      "with what kustomize reads of a query",
      "https://x.org/a?token=hidden&ref=v1&timeout=10: not found",
      "https://x.org/a?ref=v1&timeout=10: not found",
    ],
    ["without patches", "unable to parse SM or JSON patch from [patch: hidden", /neither a strategic merge patch/],
    [
      "without values of a key",
      "map[string]interface {}{hidden} json: unsupported type: map[interface {}]interface {}",
      "an object has a key that is a number, a date or a boolean; quote the key",
    ],
  ];
  for (const [about, stderr, expected] of rows) {
    test(about, () => {
      const told = reason(`Error: ${stderr}`);
      assert.doesNotMatch(told, /hidden|xxxx/);
      if (typeof expected === "string") assert.equal(told, `app cannot be built: ${expected}`);
      else assert.match(told, expected);
    });
  }
});

suite("a reason of any length takes linear time", () => {
  const parts = [
    "{",
    "map[",
    " with config: `",
    "literal sources [",
    "env source files: [",
    "map[string]interface {}{",
  ];
  const wrappings = ["accumulation err='", "': recursed accumulation of path '", "accumulating resources from '", "//"];
  for (const part of [...parts, ...wrappings]) {
    test(part, () => {
      const started = performance.now();
      reason(`Error: ${part.repeat(300_000)}`);
      assert.ok(performance.now() - started < 5_000);
    });
  }
});
