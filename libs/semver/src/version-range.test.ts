import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseVersion } from "./version.ts";
import { parseRange } from "./version-range.ts";

suite("a range of versions", () => {
  const rows: Array<[range: string, inside: string, outside: string]> = [
    ["1.2.3", "1.2.3 v1.2.3 1.2.3+build", "1.2.4 1.2.3-rc.1"],
    ["=1.2.3", "1.2.3", "1.2.4"],
    ["v1.2.3", "1.2.3", "1.2.2"],
    ["*", "0.0.0 1.2.3 99.0.0", "1.0.0-rc.1"],
    ["x", "0.1.0", "1.0.0-rc.1"],
    ["1", "1.0.0 1.9.9", "0.9.0 2.0.0"],
    ["1.x", "1.0.0 1.9.9", "0.9.0 2.0.0 1.5.0-rc.1"],
    ["1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"],
    ["1.2.*", "1.2.0 1.2.9", "1.3.0"],
    [">1.2.3", "1.2.4 2.0.0", "1.2.3"],
    [">1", "2.0.0", "1.0.0 1.9.9"],
    [">1.2", "1.3.0 2.0.0", "1.2.0 1.2.9"],
    [">=1.2", "1.2.0 3.0.0", "1.1.9"],
    ["=>1.2", "1.2.0", "1.1.9"],
    ["<2", "1.9.9", "2.0.0"],
    ["<=2", "2.9.9 1.0.0", "3.0.0"],
    ["<=2.1", "2.1.9 1.0.0", "2.2.0"],
    ["=<2.1.3", "2.1.3", "2.1.4"],
    ["!=1.2.3", "1.2.4 0.1.0", "1.2.3"],
    ["!=1.x", "2.0.0", "1.0.0 1.5.0"],
    ["!=1.2.x", "1.3.0 2.2.0", "1.2.7"],
    ["~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"],
    ["~>1.2.3", "1.2.9", "1.3.0"],
    ["~1.2", "1.2.0 1.2.9", "1.3.0"],
    ["~1", "1.0.0 1.9.9", "2.0.0"],
    ["~*", "0.0.1 7.0.0", "1.0.0-rc.1"],
    ["^1.2.3", "1.2.3 1.9.0", "2.0.0 1.2.2"],
    ["^0.2.3", "0.2.3 0.2.9", "0.3.0 1.0.0"],
    ["^0.0.3", "0.0.3", "0.0.4 0.1.0"],
    ["^0.0", "0.0.0 0.0.9", "0.1.0"],
    ["^0", "0.0.0 0.9.0", "1.0.0"],
    ["^*", "0.0.1 7.1.0", "1.0.0-rc.1"],
    [">=1.2 <2.0.0", "1.2.0 1.9.9", "2.0.0 1.1.0"],
    [">=1.2, <2.0.0", "1.2.0 1.9.9", "2.0.0 1.1.0"],
    [">= 1.2 , < 2.0.0", "1.2.0 1.9.9", "2.0.0 1.1.0"],
    [">=1.2,!=1.5.0", "1.2.0 1.6.0", "1.5.0"],
    ["1.2 - 1.4.5", "1.2.0 1.4.5", "1.4.6 1.1.9"],
    ["1.x || >=3.1 <4", "1.0.0 3.1.0", "2.0.0 3.0.9 4.0.0"],
    [">=1.0.0-0", "1.0.0 1.0.0-alpha 2.0.0-rc.1", "0.9.0"],
    [">=1.0.0-beta.2 <2", "1.0.0-beta.11 1.5.0-rc.1 1.9.0", "1.0.0-beta.1 1.0.0-alpha 2.0.0"],
    [">=1.0.0-0 <1.5 || >3", "1.2.0-rc.1 4.0.0", "4.0.0-rc.1"],
    ["~1.2.3-beta", "1.2.3-beta.2 1.2.9", "1.3.0-alpha"],
    ["^1.2.3-beta", "1.9.0-rc.1", "2.0.0"],
  ];
  for (const [range, inside, outside] of rows) {
    test(`${range} takes ${inside} and not ${outside}`, () => {
      const includes = (text: string) => parseRange(range)?.includes(parseVersion(text) ?? assert.fail(text));
      for (const version of inside.split(" ")) assert.equal(includes(version), true, `${version} is in ${range}`);
      for (const version of outside.split(" ")) assert.equal(includes(version), false, `${version} is not in ${range}`);
    });
  }

  for (const text of [
    "",
    " ",
    "abc",
    ">=",
    "1.2.3.4",
    ">=1.0 garbage",
    "1 ||",
    "|| 1",
    ">>1",
    "1,,2",
    "latest",
    "1.2.3-",
    "^^1",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseRange(text), undefined));
  }

  test("has a limited length", () => {
    assert.throws(() => parseRange("1".repeat(1_000_000)), {
      reason: "LimitExceeded",
      message: "a version range of 1000000 characters: the limit is 256 characters",
    });
  });

  test("of the greatest length is read at once, however it is written", () => {
    const started = performance.now();
    for (const part of ["1", "1.0.0 ", "1 - ", "1.1.1-a.", " ", "||", "x"]) parseRange(part.repeat(256).slice(0, 256));
    assert.ok(performance.now() - started < 5_000);
  });
});
