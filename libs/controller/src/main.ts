import { createLogger } from "@leat/log";
import type { CommonConfig } from "./common-flags.ts";
import type { Program } from "./definition.ts";
import { parseFlags, usage, UsageError } from "./parse-flags.ts";
import { runPrograms } from "./run-programs.ts";

/**
 * Runs one program as this process: flags, log, signals and exit code. SIGTERM and SIGINT stop it gracefully, a second
 * one at once.
 */
export async function main<Config extends CommonConfig>(program: Program<Config>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage(program.name, program.flags));
    return;
  }
  try {
    const config = parseFlags(program.flags, args, process.env);
    const log = createLogger(config.logLevel === "trace" ? "debug" : config.logLevel, (line) =>
      process.stderr.write(line),
    );
    const hosted = { program: program as unknown as Program, config };
    await runPrograms([hosted], { log, env: process.env, signal: untilStopped() });
  } catch (error) {
    process.stderr.write(`${program.name}: ${(error as Error).message}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** `npm` passes on the Ctrl-C that the terminal has sent to this process already: one wish, two signals. */
const sameWishMs = 500;

/** Aborts at the first SIGTERM or SIGINT; a later one ends the process at once. */
export function untilStopped(): AbortSignal {
  const stop = new AbortController();
  let stoppedAt = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stop.signal.aborted) stoppedAt = performance.now();
    else if (performance.now() - stoppedAt > sameWishMs) process.exit(130);
    stop.abort(new Error(`stopped by ${signal}`));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return stop.signal;
}
