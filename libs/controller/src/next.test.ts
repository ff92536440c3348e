import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyController, Reconcilable } from "./definition.ts";
import { nextOf } from "./next.ts";
import { stalled } from "./outcome.ts";

const definition = { interval: () => 60_000 } as unknown as AnyController;
const object = {} as Reconcilable;

test("an object that is stalled by its own spec waits for a change of it", () => {
  const ended = { outcome: stalled("URLInvalid", ""), isFault: false };
  assert.deepEqual(nextOf(definition, object, ended), { kind: "never", failed: true });
});

test("an object that is stalled by what its source holds looks again at its interval", () => {
  const ended = { outcome: stalled("LimitExceeded", ""), isFault: true };
  assert.deepEqual(nextOf(definition, object, ended), { kind: "interval", afterMs: 60_000, failed: true });
});
