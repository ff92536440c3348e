/** Does work when one of a number of slots is free. The signal it is given also says that it has lost its place. */
export type InSlot = <Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

export interface SlotsOptions {
  count: number;
  /** Work that takes longer gives its slot to what waits for one. */
  patienceMs: number;
  /** Why work is ended that takes longer and has to make room. */
  ended: () => Error;
}

/**
 * Makes slots that nobody can keep from others: what is slow goes on beside the slots while others wait, but no more of it at a
 * time than there are slots. Then what has taken longest is ended.
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
  /** Slow work that has given its slot away, the longest first. */
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
    const { count, ended } = this.#options;
    const slow = [...this.#inSlots].find(({ isSlow }) => isSlow);
    if (slow === undefined) return false;
    this.#inSlots.delete(slow);
    this.#beside.add(slow);
    const [longest] = this.#beside;
    if (longest && this.#beside.size > count) {
      this.#beside.delete(longest);
      longest.end.abort(ended());
    }
    return true;
  }
}
