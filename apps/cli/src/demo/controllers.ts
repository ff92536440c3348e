import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startService } from "@leat/process";
import { eventually, ownedEnvironment } from "@leat/testing";
import type { BinaryName } from "@leat/toolchain";
import { localControllers, runArgs } from "../local-cluster/run-args.ts";

export interface ControllersOptions {
  kubeconfig: string;
  /** Paths of the programs that they start. */
  binaries: Partial<Record<BinaryName, string>>;
  /** Where the artifacts and the log go. */
  directory: string;
  /** Of this process; the child gets only what it needs of it. */
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** `leat run --controllers source,kustomize` as a child. */
export interface Controllers extends AsyncDisposable {
  /** Path of its log: JSON lines. */
  logFile: string;
  /**
   * Waits for what needs the child.
   *
   * @throws Error with the end of its log where the work fails, and where the child ends before
   */
  during: <T>(work: Promise<T>) => Promise<T>;
}

/** This program again: its main module, or the bundle that it is part of. */
const command = process.argv[1] ?? "";
const readyTimeoutMs = 30_000;
const shownLogLines = 10;

/** @throws Error when the controllers are not ready in time, with the end of their log */
export async function startControllers(options: ControllersOptions): Promise<Controllers> {
  const { directory, environment, signal } = options;
  await using stack = new AsyncDisposableStack();
  const logFile = join(directory, "controllers.log");
  const args = [command, ...runArgs({ ...options, port: "0" }), "--metrics-addr=0", "--health-addr=0"];
  const env = { ...passedOn(environment), ...ownedEnvironment() };
  const service = stack.use(await startService(process.execPath, args, { env, logFile }));
  // An exit leaves no time to dispose of anything.
  const killAtExit = () => service.kill("SIGKILL");
  process.on("exit", killAtExit);
  stack.defer(() => void process.removeListener("exit", killAtExit));
  const ended = service.ended.then((code) => Promise.reject(new Error(`the controllers ended with ${code}`)));
  const during = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work, ended]);
    } catch (cause) {
      throw signal.aborted ? cause : new Error(`${(cause as Error).message}${await endOf(logFile)}`, { cause });
    }
  };
  await during(ready(logFile, signal));
  const running = stack.move();
  return { logFile, during, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function passedOn(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = ["PATH", "HOME", "TMPDIR"].map((name) => [name, environment[name]] as const);
  return Object.fromEntries(wanted.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Every controller says so in its log. */
async function ready(logFile: string, signal: AbortSignal): Promise<void> {
  const areReady = async () => {
    const lines = (await readFile(logFile, "utf8")).split("\n").filter((line) => line.includes('"msg":"ready"'));
    return localControllers.every(({ name }) => lines.some((line) => line.includes(`"controller":"${name}"`)));
  };
  await eventually(areReady, {
    what: "the controllers to be ready",
    timeoutMs: readyTimeoutMs,
    signal,
  });
}

async function endOf(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
  return `; the end of their log:\n${lines.slice(-shownLogLines).join("\n")}`;
}
