import { inspect } from "node:util";
import { setTimeout as pause } from "node:timers/promises";

export interface EventuallyOptions {
  /** What is waited for, as the end of the sentence "waited 5000 ms for …". */
  what: string;
  /** 10 s where not given. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

type Answer<T> = T | undefined | null | false;

/**
 * Asks again, first after 10 ms and later every quarter of a second, until the probe answers with something other than
 * `undefined`, `null` or `false`. A probe that throws is asked again.
 *
 * @throws Error when time is up, with `what` and the last answer; its cause is the last error of the probe
 */
export async function eventually<T>(
  probe: () => Promise<Answer<T>> | Answer<T>,
  options: EventuallyOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 1.5, 250)) {
    options.signal?.throwIfAborted();
    const seen = await ask(probe);
    if (seen.kind === "answer" && isThere(seen.value)) return seen.value;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) throw tooLate(options.what, timeoutMs, seen);
    await pause(Math.min(waitMs, leftMs), undefined, options.signal ? { signal: options.signal } : {});
  }
}

type Seen<T> = { kind: "answer"; value: Answer<T> } | { kind: "error"; error: unknown };

async function ask<T>(probe: () => Promise<Answer<T>> | Answer<T>): Promise<Seen<T>> {
  try {
    return { kind: "answer", value: await probe() };
  } catch (error) {
    return { kind: "error", error };
  }
}

function isThere<T>(value: Answer<T>): value is T {
  return value !== undefined && value !== null && value !== false;
}

function tooLate<T>(what: string, timeoutMs: number, seen: Seen<T>): Error {
  const message = `waited ${timeoutMs} ms for ${what}; last seen: `;
  if (seen.kind === "answer") return new Error(message + inspect(seen.value, { depth: 6 }));
  return new Error(message + (seen.error instanceof Error ? seen.error.message : inspect(seen.error)), {
    cause: seen.error,
  });
}
