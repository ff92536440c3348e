import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createKnownObjects } from "./known-objects.ts";
import type { LastApplied } from "./sync-state.ts";

suite("what is known of objects", () => {
  test("is found by owner without a look at what others own", () => {
    const known = createKnownObjects(() => {});
    let looks = 0;
    for (let owner = 0; owner < 100; owner += 1) {
      for (let object = 0; object < 10; object += 1) {
        known.set(
          `default/${owner}-${object}`,
          lastApplied(`default/${owner}`, () => (looks += 1)),
        );
      }
    }
    looks = 0;
    assert.equal(known.keysOf("default/7").length, 10);
    for (const key of known.keysOf("default/7")) known.delete(key, "default/7");
    assert.deepEqual([known.keysOf("default/7"), known.keysOf("default/8").length], [[], 10]);
    assert.ok(looks <= 10, `${looks} looks for 10 objects`);
  });

  test("is kept for the other owners of an object", () => {
    const released: string[] = [];
    const known = createKnownObjects(({ owner }, key) => released.push(`${owner} ${key}`));
    known.set("default/shared", lastApplied("default/a"));
    known.set("default/shared", { ...lastApplied("default/b"), takenBy: "default/a" });
    known.delete("default/shared", "default/a");
    assert.deepEqual([known.keysOf("default/a"), known.keysOf("default/b")], [[], ["default/shared"]]);
    assert.deepEqual(released, ["default/b default/shared"]);
  });
});

function lastApplied(owner: string, onLook: () => void = () => {}): LastApplied {
  const rest = { digest: "", left: [], uid: "", resourceVersion: "1", generation: 1, ours: "", at: 0 };
  const flags = { isLeftByPolicy: false, merged: false, selfDeleting: false, ambiguous: false, reported: false };
  return {
    ...rest,
    ...flags,
    takenBy: undefined,
    reviewed: undefined,
    get owner() {
      onLook();
      return owner;
    },
  };
}
