/** Tries shapes until the time is over; runs in a worker thread, whose memory is limited. */
import assert from "node:assert/strict";
import { workerData } from "node:worker_threads";
import { Fault } from "@leat/api";
import { longestTurnMs, randomFrom, turnLimitMs } from "@leat/testing";
import { type Parser, parsers } from "./parsers.ts";
import { type Shape, shapeFrom } from "./shapes.ts";

const { seed, durationMs } = workerData as { seed: number; durationMs: number };
const { signal } = new AbortController();

const smallest = 1024;
/** CPU time of any text, and of each KiB; three tries at most. */
const [leastMs, mostMsPerKiB] = [1000, 2];
/** CPU time is longer where programs compete for the processors. */
const slack = () => turnLimitMs() / 100;

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
    const text = shape.of(size);
    const mostTurnMs = turnLimitMs();
    const before = process.threadCpuUsage();
    const worstMs = await longestTurnMs(() => parsed(parser, text, what), mostTurnMs);
    const { user, system } = process.threadCpuUsage(before);
    const [cpuMs, mostCpuMs] = [(user + system) / 1000, (leastMs + (size / 1024) * mostMsPerKiB) * slack()];
    assert.ok(cpuMs < mostCpuMs, `${what} took ${cpuMs} ms, more than ${mostCpuMs} ms`);
    assert.ok(worstMs < mostTurnMs, `${what} blocked the event loop for ${worstMs} ms`);
  }
}

async function parsed(parser: Parser, text: string, what: string): Promise<void> {
  try {
    await parser.parse(text, signal);
  } catch (error) {
    if (!(error instanceof Fault)) throw new Error(`${what} is neither a result nor a fault`, { cause: error });
  }
}
