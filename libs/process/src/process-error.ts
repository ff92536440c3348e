/** A child that could not be started, took too long, wrote too much, was cancelled or ended unasked; never one that merely exited with an error. */
export class ProcessError extends Error {
  readonly kind: "spawn" | "timeout" | "output" | "aborted" | "ended";
  constructor(kind: ProcessError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ProcessError";
    this.kind = kind;
  }
}

/** What `spawn` has failed with, as far as it is about the program. */
export function asProcessError(program: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "EACCES")
    return new ProcessError("spawn", `cannot start ${program}: ${code}`, { cause });
  return cause;
}
