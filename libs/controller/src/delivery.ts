import { setTimeout as delay } from "node:timers/promises";
import type { Emitted, EventSink } from "./events.ts";

export interface DeliveryOptions {
  /** Delivers one event. What it throws is tried again, except a {@link Rejected}. */
  deliver: (event: Emitted, signal: AbortSignal) => Promise<void>;
  onDelivered: () => void;
  /** An event that was given up: too many waited, or the receiver did not take it. */
  onDropped: (event: Emitted, cause: unknown) => void;
  /** Events that may wait; the oldest is dropped where there are more. */
  capacity: number;
  /** Pauses between tries, in milliseconds; their number is the number of tries after the first. */
  pausesMs: readonly number[];
  concurrency: number;
  signal: AbortSignal;
}

/** Thrown where the receiver does not take an event, and would not the next time. */
export class Rejected extends Error {
  override readonly name = "Rejected";
}

/** Delivers events one after another in the background, so that a receiver which is slow or down never slows a run. */
export function createDelivery(options: DeliveryOptions): EventSink {
  const waiting: Emitted[] = [];
  const active = new Set<Promise<void>>();

  function startNext(): void {
    while (active.size < options.concurrency) {
      const event = waiting.shift();
      if (!event) return;
      const work = deliverWithRetries(event, options).finally(() => {
        active.delete(work);
        startNext();
      });
      active.add(work);
    }
  }

  return {
    emit: (event) => {
      waiting.push(event);
      const dropped = waiting.length > options.capacity ? waiting.shift() : undefined;
      if (dropped) options.onDropped(dropped, new Error("event queue is full"));
      startNext();
    },
    flush: async (signal) => {
      const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      while (active.size > 0 && !signal.aborted) await Promise.race([...active, ended]);
    },
  };
}

async function deliverWithRetries(
  event: Emitted,
  { deliver, onDelivered, onDropped, pausesMs, signal }: DeliveryOptions,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await deliver(event, signal);
      onDelivered();
      return;
    } catch (cause) {
      const pause = pausesMs[attempt];
      if (pause === undefined || signal.aborted || cause instanceof Rejected) {
        onDropped(event, cause);
        return;
      }
      await delay(pause * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }
}
