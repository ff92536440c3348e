import { moreUrgent, type Trigger, triggers } from "./trigger.ts";

export interface Waiting {
  key: string;
  trigger: Trigger;
  /** `performance.now()` of when it came. */
  since: number;
}

/** After this time in the line, a key goes before more urgent ones that came later. */
const agedAfterMs = 5000;

/**
 * Keys in the order of their turns: the most urgent trigger first, and of the same trigger the one that came first. So that
 * urgent keys never starve others, the key that has waited longest is passed over once at most, and not at all once it has
 * waited 5 s. Of n keys, each has its turn among the next 2n, whatever is added meanwhile.
 */
export class WaitingLine {
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #lines = new Map<Trigger, Set<string>>(triggers.map((trigger) => [trigger, new Set()]));
  readonly #now: () => number;
  #isOldestNext = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * A key that waits already keeps its place, unless the trigger is more urgent than its own.
   *
   * @returns whether the key is new to the line
   */
  add(key: string, trigger: Trigger): boolean {
    const before = this.#waiting.get(key);
    const kept = before ? moreUrgent(before.trigger, trigger) : trigger;
    if (before?.trigger === kept) return false;
    if (before) this.#lines.get(before.trigger)?.delete(key);
    this.#waiting.set(key, { key, trigger: kept, since: before?.since ?? this.#now() });
    this.#lines.get(kept)?.add(key);
    return before === undefined;
  }

  delete(key: string): boolean {
    const before = this.#waiting.get(key);
    if (before) this.#lines.get(before.trigger)?.delete(key);
    return this.#waiting.delete(key);
  }

  /** Takes out the key whose turn it is, among those that may have one now. */
  take(mayRun: (key: string) => boolean): Waiting | undefined {
    const oldest = first(this.#waiting.keys(), mayRun);
    if (oldest === undefined) return undefined;
    const key = this.#isDue(oldest) ? oldest : this.#mostUrgent(mayRun);
    const taken = this.#waiting.get(key ?? oldest);
    if (taken) this.delete(taken.key);
    this.#isOldestNext = taken?.key !== oldest;
    return taken;
  }

  #isDue(oldest: string): boolean {
    const since = this.#waiting.get(oldest)?.since ?? 0;
    return this.#isOldestNext || this.#now() - since >= agedAfterMs;
  }

  #mostUrgent(mayRun: (key: string) => boolean): string | undefined {
    for (const line of this.#lines.values()) {
      const key = first(line, mayRun);
      if (key !== undefined) return key;
    }
    return undefined;
  }
}

function first(keys: Iterable<string>, mayRun: (key: string) => boolean): string | undefined {
  for (const key of keys) if (mayRun(key)) return key;
  return undefined;
}
