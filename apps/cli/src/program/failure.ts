/**
 * What a command was asked for was not done, or is not so: it ends with 1, or with the code that is given. The message says
 * what to do, and is empty where everything is told already.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  constructor(message: string, { cause, exitCode = 1 }: { cause?: unknown; exitCode?: number } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
