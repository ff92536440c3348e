/**
 * What went wrong outside our code: a network, a disk, a server's rejection. Thrown anywhere, caught once by the runtime,
 * and shown as `Ready=False` with this reason and message. Neither may contain a secret.
 */
export class Fault extends Error {
  /** PascalCase, from `Reason` where users see it. */
  readonly reason: string;
  /**
   * Work on the object was ended, because it needs more memory or time than it may have. It is tried three times, and then not
   * again until the object changes.
   */
  readonly isExhaustion: boolean;

  constructor(reason: string, message: string, options?: { cause?: unknown; isExhaustion?: boolean }) {
    super(message, options);
    this.name = "Fault";
    this.reason = reason;
    this.isExhaustion = options?.isExhaustion === true;
  }

  /** The same fault, with the subject of its message in front. */
  of(subject: string): Fault {
    return new Fault(this.reason, `${subject} ${this.message}`, { cause: this });
  }
}

/**
 * An input that a user controls exceeds a bound of the controller. The runtime concludes `Stalled`: the same input would
 * exceed it again.
 */
export class LimitExceeded extends Fault {
  readonly #what: string;
  readonly #limit: string;

  /**
   * @param what the input and its size, such as `a URL of 3000 characters`
   * @param limit with its unit
   */
  constructor(what: string, limit: string, options?: { cause?: unknown }) {
    super("LimitExceeded", `${what}: the limit is ${limit}`, options);
    this.name = "LimitExceeded";
    this.#what = what;
    this.#limit = limit;
  }

  override of(subject: string): LimitExceeded {
    return new LimitExceeded(`${subject} ${this.#what}`, this.#limit, { cause: this });
  }
}
