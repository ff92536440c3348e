import { PassThrough } from "node:stream";
import { runProgram } from "../src/program/program.ts";
import type { Context } from "../src/program/context.ts";
import { createTerminal, type Terminal } from "../src/terminal/terminal.ts";

/** What a command printed, and how it ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

export interface LeatOptions {
  environment?: NodeJS.ProcessEnv;
  /** Ctrl-C. */
  signal?: AbortSignal;
  /** What somebody says when asked; nobody is there where it is absent. */
  answer?: string;
  /** Somebody watches both outputs. */
  interactive?: boolean;
  /** Called with all that is on stdout so far. */
  onOutput?: (stdout: string) => void;
}

/** Runs one command line in this process, as `main.ts` does. */
export async function leat(args: readonly string[], options: LeatOptions = {}): Promise<Ended> {
  const { environment = {}, signal = new AbortController().signal, interactive = false, onOutput, answer } = options;
  const stdout = collect(interactive, onOutput);
  const stderr = collect(interactive);
  const err = createTerminal(stderr.stream, environment);
  const out = createTerminal(stdout.stream, environment, err);
  const code = await runProgram(args, { out, err, environment, signal, ask: answerWith(answer, err) });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function answerWith(answer: string | undefined, err: Terminal): Context["ask"] {
  if (answer === undefined) return undefined;
  return async (question) => {
    err.line(question);
    return answer;
  };
}

function collect(isTTY: boolean, onOutput?: (text: string) => void) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 80 });
  let text = "";
  stream.on("data", (chunk: string) => {
    text += chunk;
    onOutput?.(text);
  });
  return { stream, text: () => text + String(stream.read() ?? "") };
}
