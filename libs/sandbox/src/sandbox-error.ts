/**
 * A request without an answer:
 * `unavailable`: the program cannot be started;
 * `timeout`: the request exceeded its time limit;
 * `output`: the answer exceeds its size limit;
 * `memory`: the program exceeded its memory limit;
 * `ended`: the program crashed, was killed or broke the protocol, or the sandbox was closed.
 */
export class SandboxError extends Error {
  readonly kind: "unavailable" | "timeout" | "output" | "memory" | "ended";
  constructor(kind: SandboxError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SandboxError";
    this.kind = kind;
  }
}

export function brokenProtocol(cause?: unknown): SandboxError {
  return new SandboxError("ended", "the program broke the protocol", { cause });
}
