/**
 * What went wrong outside our code: a network, a disk, a server's rejection. Thrown anywhere, caught once by the runtime,
 * and shown as `Ready=False` with this reason and message. Neither may contain a secret.
 */
export class Fault extends Error {
  /** PascalCase, from `Reason` where users see it. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "Fault";
    this.reason = reason;
  }
}
