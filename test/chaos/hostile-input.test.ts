/**
 * Texts that parsers are often slow for, from 1 KiB to each parser's bound: the time grows with the size and no faster, memory is
 * bounded, the event loop stays free, and what is wrong is a fault or an answer. `LEAT_CHAOS_SEED` repeats a run,
 * `LEAT_CHAOS_ROUNDS` makes it longer: nine seconds a round.
 */
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const rounds = Number(process.env["LEAT_CHAOS_ROUNDS"] ?? 5);
const seed = Number(process.env["LEAT_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const durationMs = rounds * 9000;
const memory = { maxOldGenerationSizeMb: 384 };

test(`hostile inputs for ${durationMs / 1000} s (seed ${seed})`, async () => {
  const program = new URL("../harness/hostile/try-shapes.ts", import.meta.url);
  const worker = new Worker(program, { workerData: { seed, durationMs }, resourceLimits: memory });
  // What the worker throws, or that its memory is used up, rejects this.
  await once(worker, "exit");
});
