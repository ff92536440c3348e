/** A value that stays usable until the lease is disposed of. */
export interface Leased<Value> extends AsyncDisposable {
  value: Value;
}

/** Values that are made once per key, however many callers need them, and kept until they are dropped. */
export interface LeasePool<Value> extends AsyncDisposable {
  /**
   * @param make runs if the pool has no value for the key; its signal aborts when no caller waits any more
   * @returns `undefined` if `make` returns `undefined`
   */
  lease: (
    key: string,
    make: (signal: AbortSignal) => Promise<Value | undefined>,
    signal: AbortSignal,
  ) => Promise<Leased<Value> | undefined>;
  has: (key: string) => boolean;
  /** Closes the value as soon as nobody holds it; the next lease makes another one. */
  drop: (key: string) => Promise<void>;
  /** Closes the value that has been unused for longest. @returns whether there was one */
  dropUnused: () => Promise<boolean>;
}

export function createLeasePool<Value extends AsyncDisposable>(): LeasePool<Value> {
  return new SharedValues<Value>();
}

interface Entry<Value> {
  result: Promise<Value | undefined>;
  /** `undefined` while it is being made. */
  made: Value | undefined;
  /** Callers that wait for the value or hold it. */
  users: number;
  controller: AbortController;
}

type Make<Value> = (signal: AbortSignal) => Promise<Value | undefined>;

class SharedValues<Value extends AsyncDisposable> implements LeasePool<Value> {
  /** In the order of use: the first was not used for longest. */
  readonly #entries = new Map<string, Entry<Value>>();
  /** Those that are closed after their last user. */
  readonly #dropped = new Set<Entry<Value>>();
  /** What has not ended, including what no caller waits for any more. */
  readonly #running = new Set<Promise<void>>();

  async lease(key: string, make: Make<Value>, signal: AbortSignal): Promise<Leased<Value> | undefined> {
    signal.throwIfAborted();
    const entry = this.#entries.get(key) ?? this.#start(key, make);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    let isHeld = true;
    const release = async () => {
      if (!isHeld) return;
      isHeld = false;
      await this.#release(key, entry);
    };
    try {
      const value = await unlessAborted(entry.result, signal);
      if (value !== undefined) return { value, [Symbol.asyncDispose]: release };
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    return undefined;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (entry.users > 0) this.#dropped.add(entry);
    else await entry.made?.[Symbol.asyncDispose]();
  }

  async dropUnused(): Promise<boolean> {
    for (const [key, { users, made }] of this.#entries) {
      if (users > 0 || made === undefined) continue;
      await this.drop(key);
      return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = () => [...this.#entries.values(), ...this.#dropped];
    for (const { controller } of entries()) controller.abort(new Error("the pool is closed"));
    await Promise.allSettled(this.#running);
    for (const { made } of entries()) await made?.[Symbol.asyncDispose]();
    this.#entries.clear();
    this.#dropped.clear();
  }

  #start(key: string, make: Make<Value>): Entry<Value> {
    const { promise: result, resolve, reject } = Promise.withResolvers<Value | undefined>();
    const entry: Entry<Value> = { result, made: undefined, users: 0, controller: new AbortController() };
    const running = this.#make(key, entry, make).then(resolve, reject);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    // Callers see a failure, if any are left.
    result.catch(() => {});
    return entry;
  }

  async #make(key: string, entry: Entry<Value>, make: Make<Value>): Promise<Value | undefined> {
    const { signal } = entry.controller;
    try {
      const value = await make(signal);
      if (signal.aborted) await value?.[Symbol.asyncDispose]();
      signal.throwIfAborted();
      entry.made = value;
      return value;
    } finally {
      if (entry.made === undefined) this.#forget(key, entry);
    }
  }

  async #release(key: string, entry: Entry<Value>): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (entry.made === undefined) {
      entry.controller.abort(new Error("cancelled by all callers"));
      this.#dropped.delete(entry);
      this.#forget(key, entry);
    } else if (this.#dropped.delete(entry)) await entry.made[Symbol.asyncDispose]();
  }

  #forget(key: string, entry: Entry<Value>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

async function unlessAborted<Value>(result: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
