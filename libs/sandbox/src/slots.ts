/**
 * Runs work when a slot is free. The signal that the work gets is also aborted if it loses its place.
 *
 * @param key the same for work that is tried again
 */
export type InSlot = <Result>(
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
) => Promise<Result>;

export interface SlotsOptions {
  count: number;
  /** Slow work that goes on beside the slots, to its end. */
  beside: number;
  /** Work that takes longer gives its slot to waiting work. */
  patienceMs: number;
  /** Reason with which slow work is aborted to make room. */
  ended: () => Error;
}

/** Keys of aborted work that are remembered. */
const mostKnown = 1000;

/**
 * Slots that slow work cannot block: while other work waits, slow work continues beside the slots, up to a limit. Beyond that it is
 * aborted. When it is tried again it waits for a place beside the slots, so that it comes to its end.
 */
export function createSlots(options: SlotsOptions): InSlot {
  const slots = new Slots(options);
  const known = new Set<string>();
  return async (key, signal, work) => {
    const own: Work = { isSlow: known.has(key), tookLong: false, end: new AbortController() };
    await slots.take(own, signal);
    const timer = setTimeout(() => slots.grewSlow(own), options.patienceMs);
    try {
      return await work(AbortSignal.any([signal, own.end.signal]));
    } finally {
      clearTimeout(timer);
      slots.giveBack(own);
      known.delete(key);
      if (own.tookLong) known.add(key);
      const [oldest] = known;
      if (oldest !== undefined && known.size > mostKnown) known.delete(oldest);
    }
  };
}

interface Work {
  /** Now, or when it was tried before. */
  isSlow: boolean;
  tookLong: boolean;
  end: AbortController;
}

interface Waiting extends Pick<Work, "isSlow"> {
  grant: (places: Set<Work>) => void;
}

class Slots {
  readonly #options: SlotsOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #inSlots = new Set<Work>();
  /** Slow work that holds no slot. */
  readonly #beside = new Set<Work>();

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  async take(work: Work, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      this.#waiting.delete(waiting);
      signal.removeEventListener("abort", onAbort);
    };
    const waiting: Waiting = {
      isSlow: work.isSlow,
      grant: (places) => {
        places.add(work);
        leave();
        resolve();
      },
    };
    const onAbort = () => {
      leave();
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#grant();
    return promise;
  }

  grewSlow(work: Work): void {
    work.isSlow = work.tookLong = true;
    this.#grant();
  }

  giveBack(work: Work): void {
    this.#beside.delete(work);
    this.#inSlots.delete(work);
    this.#grant();
  }

  #grant(): void {
    for (const { isSlow, grant } of this.#waiting) {
      if (isSlow && this.#beside.size < this.#options.beside) grant(this.#beside);
      else if (!isSlow && (this.#inSlots.size < this.#options.count || this.#makeRoom())) grant(this.#inSlots);
    }
  }

  #makeRoom(): boolean {
    const { beside, ended } = this.#options;
    const slow = [...this.#inSlots].find(({ isSlow }) => isSlow);
    if (slow === undefined) return false;
    this.#inSlots.delete(slow);
    if (this.#beside.size < beside) this.#beside.add(slow);
    else slow.end.abort(ended());
    return true;
  }
}
