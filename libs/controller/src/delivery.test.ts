import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createDelivery } from "./delivery.ts";
import type { Emitted } from "./events.ts";

function event(message: string): Emitted {
  const involvedObject = { apiVersion: "v1", kind: "Thing", namespace: "a", name: "b", uid: "c", resourceVersion: "1" };
  return {
    involvedObject,
    type: "Normal",
    reason: "Done",
    message,
    metadata: {},
    isRoutine: false,
    at: new Date(),
    reportingController: "x",
    reportingInstance: "y",
  };
}

const never = new AbortController().signal;

suite("delivery of events", () => {
  test("tries again, and gives up with a word", async () => {
    const dropped: string[] = [];
    let tries = 0;
    const delivery = createDelivery({
      deliver: async () => {
        tries++;
        throw new Error("down");
      },
      onDelivered: () => {},
      onDropped: ({ message }) => dropped.push(message),
      capacity: 10,
      concurrency: 1,
      pausesMs: [1, 1],
      signal: never,
    });
    delivery.emit(event("lost"));
    await delivery.flush(AbortSignal.timeout(5000));
    assert.deepEqual([tries, dropped], [3, ["lost"]]);
  });

  test("keeps the newest where too many wait", async () => {
    const [dropped, delivered]: [string[], string[]] = [[], []];
    const held = Promise.withResolvers<void>();
    const delivery = createDelivery({
      deliver: async ({ message }) => {
        await held.promise;
        delivered.push(message);
      },
      onDelivered: () => {},
      onDropped: ({ message }) => dropped.push(message),
      capacity: 2,
      concurrency: 1,
      pausesMs: [],
      signal: never,
    });
    for (const message of ["1", "2", "3", "4"]) delivery.emit(event(message));
    held.resolve();
    await delivery.flush(AbortSignal.timeout(5000));
    assert.deepEqual([dropped, delivered], [["2"], ["1", "3", "4"]]);
  });
});
