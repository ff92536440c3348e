/** Tries shapes until the time is over; runs in a worker thread, whose memory is limited. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { Fault } from "@leat/api";
import { monitorEventLoop, randomFrom } from "@leat/testing";
import { type Parser, parsers } from "./parsers.ts";
import { type Shape, shapeFrom } from "./shapes.ts";

const { seed, durationMs } = workerData as { seed: number; durationMs: number };
const { signal } = new AbortController();

const smallest = 1024;
/** CPU time of any text, and of each KiB. */
const [leastMs, mostMsPerKiB] = [1000, 2];

const random = randomFrom(seed);
const ends = performance.now() + durationMs;
for (let shapes = 0; performance.now() < ends; shapes += 1) {
  const parser = parsers[shapes % parsers.length];
  assert.ok(parser);
  await tryShape(parser, shapeFrom(random, parser.fragments));
}

async function tryShape(parser: Parser, shape: Shape): Promise<void> {
  for (let size = smallest; size <= parser.maxSize; size *= 2) {
    const what = `${parser.name}: ${shape.name} of ${size} bytes`;
    const { cpuMs, worstMs } = await measured(parser, shape.of(size), what);
    const mostCpuMs = leastMs + (size / 1024) * mostMsPerKiB;
    assert.ok(cpuMs < mostCpuMs, `${what} took ${cpuMs} ms, more than ${mostCpuMs} ms`);
    assert.ok(worstMs < parser.mostMs, `${what} blocked the event loop for ${worstMs} ms`);
  }
}

async function measured(parser: Parser, text: string, what: string): Promise<{ cpuMs: number; worstMs: number }> {
  await setImmediate();
  using monitor = monitorEventLoop();
  const before = process.threadCpuUsage();
  try {
    await parser.parse(text, signal);
  } catch (error) {
    if (!(error instanceof Fault)) throw new Error(`${what} is neither a result nor a fault`, { cause: error });
  }
  const { user, system } = process.threadCpuUsage(before);
  return { cpuMs: (user + system) / 1000, worstMs: monitor.worstMs() };
}
