import { runPrograms } from "@leat/controller";
import { createLogger } from "@leat/log";
import { controllersNamed, hostedPrograms, load } from "./hosted.ts";

export interface RunOptions {
  /** Short names, separated by commas. */
  controllers: string;
  /** Flags of the controllers. */
  args: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Takes the lines of the log. */
  write: (line: string) => void;
  signal: AbortSignal;
}

/**
 * `leat run`: hosts any set of controllers in this process until `signal` aborts.
 *
 * @throws UsageError for a command line that cannot be understood
 * @throws Fault where a controller cannot start or loses its Lease
 */
export async function runControllers({ controllers, args, environment, write, signal }: RunOptions): Promise<void> {
  const hosted = hostedPrograms(await load(controllersNamed(controllers)), args, environment);
  const levels = hosted.map(({ config }) => config.logLevel);
  const level = levels[0] === "trace" ? "debug" : levels[0];
  const log = createLogger(level ?? "info", write);
  await runPrograms(hosted, { log, env: environment, signal });
}
