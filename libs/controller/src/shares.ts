/**
 * How many runs each namespace has under way, of a limit for all together. While another namespace waits, one of them holds half
 * of the runs (rounded up) at most. What it has begun beyond that while nobody else waited goes on to its end, but does not
 * count against the others: they have the other half at once. There are thus one and a half times the limit at most.
 */
export class Shares {
  readonly #limit: number;
  readonly #share: number;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  #allRunning = 0;
  #allWaiting = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#share = Math.ceil(limit / 2);
  }

  /** Whether anything that waits may run, which is cheaper to know than what. */
  canAnyRun(): boolean {
    if (this.#allWaiting === 0) return false;
    if (this.#allRunning < this.#limit) return true;
    return this.#counted() < this.#limit && this.#allWaiting > this.#waitingAtTheirShare();
  }

  canRun(key: string): boolean {
    const namespace = namespaceOf(key);
    if ((this.#running.get(namespace) ?? 0) < this.#share) return this.#counted() < this.#limit;
    return this.#allRunning < this.#limit && this.#allWaiting === (this.#waiting.get(namespace) ?? 0);
  }

  /** @param count 1 when the key begins to wait, -1 when it no longer does */
  waits(key: string, count: 1 | -1): void {
    this.#allWaiting += count;
    change(this.#waiting, namespaceOf(key), count);
  }

  /** @param count 1 when a run of the key begins, -1 when it ends */
  runs(key: string, count: 1 | -1): void {
    this.#allRunning += count;
    change(this.#running, namespaceOf(key), count);
  }

  #counted(): number {
    return this.#running.values().reduce((sum, held) => sum + Math.min(held, this.#share), 0);
  }

  #waitingAtTheirShare(): number {
    return this.#running
      .entries()
      .filter(([, held]) => held >= this.#share)
      .reduce((sum, [namespace]) => sum + (this.#waiting.get(namespace) ?? 0), 0);
  }
}

function change(counts: Map<string, number>, namespace: string, by: number): void {
  const count = (counts.get(namespace) ?? 0) + by;
  if (count > 0) counts.set(namespace, count);
  else counts.delete(namespace);
}

/** Of a key `namespace/name`. */
function namespaceOf(key: string): string {
  const slash = key.indexOf("/");
  return slash < 0 ? key : key.slice(0, slash);
}
