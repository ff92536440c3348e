import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compareVersions, parseVersion } from "./version.ts";

suite("versions", () => {
  test("are in the order of semver.org", () => {
    const sorted =
      "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0 2.0.0";
    const versions = sorted.split(" ").map((text) => ({ text, version: parseVersion(text) ?? assert.fail(text) }));
    const shuffled = versions.toReversed().toSorted((a, b) => compareVersions(a.version, b.version));
    assert.equal(shuffled.map(({ text }) => text).join(" "), sorted);
  });

  test("do not differ by build metadata", () => {
    const [a, b] = ["1.0.0+1", "v1.0.0+2"].map((text) => parseVersion(text) ?? assert.fail(text));
    assert(a && b);
    assert.equal(compareVersions(a, b), 0);
  });

  for (const text of [
    "1",
    "1.2",
    "01.2.3",
    "1.2.3.4",
    "vv1.2.3",
    "release-1.2.3",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3+",
    " 1.2.3",
    "1.2.3\n",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseVersion(text), undefined));
  }
});
