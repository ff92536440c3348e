import type { Terminal } from "../terminal/terminal.ts";

/** What a command is given besides its command line. */
export interface Context {
  /** Takes results, which may be piped to another program. */
  out: Terminal;
  /** Takes progress, and what is wrong. */
  err: Terminal;
  environment: NodeJS.ProcessEnv;
  /** Asks the person at the terminal; absent where nobody is there. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
}
