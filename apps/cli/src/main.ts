/** The `leat` command. */
import { createInterface } from "node:readline/promises";
import { untilStopped } from "@leat/controller";
import { runProgram } from "./program/program.ts";
import { createTerminal } from "./terminal/terminal.ts";

const err = createTerminal(process.stderr, process.env);
const out = createTerminal(process.stdout, process.env, err);
const signal = untilStopped();
// A terminal that is closed is a Ctrl-C, and takes no more output.
process.once("SIGHUP", () => process.kill(process.pid, "SIGTERM"));
process.stdout.on("error", () => {});

process.exitCode = await runProgram(process.argv.slice(2), {
  out,
  err,
  environment: process.env,
  ask: process.stdin.isTTY ? ask : undefined,
  signal,
});

async function ask(question: string): Promise<string> {
  // Questions are no results, which may go into a file.
  using terminal = createInterface({ input: process.stdin, output: process.stderr });
  // It takes Ctrl-C for itself.
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  return await terminal.question(question, { signal });
}
