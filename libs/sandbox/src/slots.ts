/** Runs work when a slot is free. The signal that the work gets is also aborted if it loses its place. */
export type InSlot = <Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

export interface SlotsOptions {
  count: number;
  /** Slow work that goes on beside the slots. */
  beside: number;
  /** Work that takes longer gives its slot to waiting work. */
  patienceMs: number;
  /** Reason with which slow work is aborted to make room. */
  ended: () => Error;
}

/**
 * Slots that slow work cannot block: while other work waits, slow work continues beside the slots, up to a limit. Beyond that, the
 * work that has taken longest is aborted.
 */
export function createSlots(options: SlotsOptions): InSlot {
  const slots = new Slots(options);
  return async (signal, work) => {
    const own: Work = { isSlow: false, end: new AbortController() };
    await slots.take(own, signal);
    const timer = setTimeout(() => slots.grewSlow(own), options.patienceMs);
    try {
      return await work(AbortSignal.any([signal, own.end.signal]));
    } finally {
      clearTimeout(timer);
      slots.giveBack(own);
    }
  };
}

interface Work {
  isSlow: boolean;
  end: AbortController;
}

class Slots {
  readonly #options: SlotsOptions;
  readonly #waiting = new Set<() => void>();
  readonly #inSlots = new Set<Work>();
  /** Slow work that has given up its slot, the longest first. */
  readonly #beside = new Set<Work>();

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  async take(work: Work, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const grant = () => {
      this.#inSlots.add(work);
      leave();
      resolve();
    };
    const onAbort = () => {
      leave();
      reject(signal.reason);
    };
    const leave = () => {
      this.#waiting.delete(grant);
      signal.removeEventListener("abort", onAbort);
    };
    this.#waiting.add(grant);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#grant();
    return promise;
  }

  grewSlow(work: Work): void {
    work.isSlow = true;
    this.#grant();
  }

  giveBack(work: Work): void {
    this.#beside.delete(work);
    this.#inSlots.delete(work);
    this.#grant();
  }

  #grant(): void {
    for (const grant of this.#waiting) {
      if (this.#inSlots.size === this.#options.count && !this.#makeRoom()) return;
      grant();
    }
  }

  #makeRoom(): boolean {
    const { beside, ended } = this.#options;
    const slow = [...this.#inSlots].find(({ isSlow }) => isSlow);
    if (slow === undefined) return false;
    this.#inSlots.delete(slow);
    this.#beside.add(slow);
    const [longest] = this.#beside;
    if (longest && this.#beside.size > beside) {
      this.#beside.delete(longest);
      longest.end.abort(ended());
    }
    return true;
  }
}
