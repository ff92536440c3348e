/**
 * How many runs each namespace has under way, of a limit for all together. While others wait, a namespace has an equal share of the
 * limit, at least one run: the limit divided by the namespaces that run or wait. What it has begun beyond that goes on to its end, but
 * does not count against the others: they have their shares at once. If none ever ended there would thus be
 * limit × (1 + 1/2 + … + 1/limit) at most: 20 for a limit of 8.
 */
export class Shares {
  readonly #limit: number;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  #allRunning = 0;
  #allWaiting = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether anything that waits may run, which is cheaper to know than what. */
  canAnyRun(): boolean {
    if (this.#allWaiting === 0) return false;
    if (this.#allRunning < this.#limit) return true;
    const share = this.#share();
    return this.#counted(share) < this.#limit && this.#allWaiting > this.#waitingAt(share);
  }

  canRun(key: string): boolean {
    const namespace = namespaceOf(key);
    const share = this.#share();
    if ((this.#running.get(namespace) ?? 0) < share) return this.#counted(share) < this.#limit;
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

  #share(): number {
    const both = this.#running.keys().reduce((count, namespace) => count + (this.#waiting.has(namespace) ? 1 : 0), 0);
    return Math.max(1, Math.floor(this.#limit / (this.#running.size + this.#waiting.size - both)));
  }

  #counted(share: number): number {
    return this.#running.values().reduce((sum, held) => sum + Math.min(held, share), 0);
  }

  /** How many wait of namespaces that have their share. */
  #waitingAt(share: number): number {
    return this.#running
      .entries()
      .filter(([, held]) => held >= share)
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
