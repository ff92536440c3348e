import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetricsPage } from "./metrics-page.ts";

test("metrics are rendered once a second at most, however many clients there are", async () => {
  let [time, rendered] = [0, 0];
  const page = createMetricsPage({ text: async () => `rendering ${(rendered += 1)}` }, () => time);
  const first = await Promise.all(Array.from({ length: 40 }, page));
  time = 999;
  const second = await page();
  time = 1000;
  const third = await page();
  assert.deepEqual([new Set([...first, second]).size, rendered, third.toString()], [1, 2, "rendering 2"]);
});
