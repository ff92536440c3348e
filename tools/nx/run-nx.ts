import { join } from "node:path";
import { run } from "@leat/process";

export interface RunNxOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  output: NodeJS.WritableStream;
}

const timeoutMs = 60 * 60_000;

/** Runs targets of nx. Returns whether all succeeded. */
export async function runNx(args: readonly string[], { root, env, signal, output }: RunNxOptions): Promise<boolean> {
  const colour = { FORCE_COLOR: process.stdout.isTTY ? "1" : "0" };
  const { exitCode, stderr } = await run(join(root, "node_modules/.bin/nx"), [...args, "--outputStyle=static"], {
    cwd: root,
    env: { ...defined(env), ...colour },
    timeoutMs,
    signal,
    onOutput: (chunk) => void output.write(chunk),
  });
  output.write(stderr);
  return exitCode === 0;
}

function defined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((each): each is [string, string] => each[1] !== undefined));
}
