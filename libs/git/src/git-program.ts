import { PassThrough } from "node:stream";
import { type Finished, run } from "@leat/process";

export interface GitProgram {
  /** Runs one command on a bare repository. */
  run: (directory: string, args: readonly string[], options: GitRunOptions) => Promise<Finished>;
  /** The same, with its output as it comes; ends with an error where git does. */
  stream: (
    directory: string,
    args: readonly string[],
    options: GitRunOptions,
  ) => AsyncGenerator<Buffer, void, undefined>;
}

export interface GitRunOptions {
  /** Configuration for this command alone; goes by the environment, where `ps` does not show it. */
  config?: Record<string, string>;
  input?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Git ended with an error. */
export class GitExit extends Error {
  readonly stderr: string;
  constructor(command: string, { exitCode, stderr }: Finished) {
    super(`git ${command} ended with exit code ${exitCode}: ${stderr.trim().slice(0, 1000)}`);
    this.name = "GitExit";
    this.stderr = stderr;
  }
}

const maxAnswerBytes = 1024 * 1024;
const streamedBytesAhead = 1024 * 1024;

/**
 * Nothing of the machine's or a user's configuration counts; no prompt, no hook, no helper program, no transport but HTTP;
 * objects are checked on arrival, but for slips of old tools that do no harm where nothing is checked out.
 */
const fixedConfig: Record<string, string> = {
  "core.hooksPath": "/dev/null",
  "credential.helper": "",
  "fetch.fsck.badTimezone": "ignore",
  "fetch.fsck.missingSpaceBeforeDate": "ignore",
  "fetch.fsck.zeroPaddedFilemode": "ignore",
  "fetch.unpackLimit": "1",
  "gc.auto": "0",
  "http.followRedirects": "false",
  "init.defaultBranch": "main",
  "maintenance.auto": "false",
  "protocol.version": "2",
  "transfer.fsckObjects": "true",
};

export function gitProgram(binary: string): GitProgram {
  const start = (directory: string, args: readonly string[], options: GitRunOptions) => {
    const { config = {}, input, timeoutMs, signal } = options;
    const env = environment(directory, config);
    return { env, timeoutMs, signal, maxOutputBytes: maxAnswerBytes, ...(input !== undefined && { input }), args };
  };
  return {
    run: async (directory, args, options) => {
      const { args: all, ...runOptions } = start(directory, args, options);
      return run(binary, all, runOptions);
    },
    stream: async function* stream(directory, args, options) {
      using stopping = stopper(options.signal);
      const pipe = new PassThrough({ highWaterMark: streamedBytesAhead });
      const { args: all, ...runOptions } = start(directory, args, { ...options, signal: stopping.signal });
      const onOutput = async (chunk: Buffer) => {
        if (!pipe.destroyed && !pipe.write(chunk)) await drained(pipe);
      };
      const finished = run(binary, all, { ...runOptions, maxOutputBytes: Number.POSITIVE_INFINITY, onOutput });
      const ended = finished.then(
        (result) =>
          pipe.destroyed || (result.exitCode === 0 ? pipe.end() : pipe.destroy(new GitExit(args[0] ?? "", result))),
        (error: Error) => pipe.destroy(error),
      );
      try {
        yield* pipe;
      } finally {
        stopping.stop();
        pipe.destroy();
        await ended;
      }
    },
  };
}

function environment(directory: string, config: Record<string, string>): Record<string, string> {
  const entries = Object.entries({ ...fixedConfig, ...config });
  const numbered = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
    LC_ALL: "C",
    HOME: "/nonexistent",
    GIT_DIR: directory,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: "http:https",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(numbered),
  };
}

/** Aborts with `signal`, and when nobody reads any more. */
function stopper(signal: AbortSignal): { signal: AbortSignal; stop: () => void } & Disposable {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const combined = AbortSignal.any([signal, controller.signal]);
  return { signal: combined, stop, [Symbol.dispose]: stop };
}

async function drained(pipe: PassThrough): Promise<void> {
  if (pipe.closed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  pipe.once("drain", resolve);
  pipe.once("close", resolve);
  await promise;
  pipe.off("drain", resolve);
  pipe.off("close", resolve);
}
