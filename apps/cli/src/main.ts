/** The `leat` command. */
import { untilStopped, usage, UsageError } from "@leat/controller";
import { Command, InvalidArgumentError } from "commander";
import { keepCluster } from "./cluster.ts";
import { demo } from "./demo/demo.ts";
import { controllerNames, flagsOf } from "./run/hosted.ts";
import { runControllers } from "./run/run.ts";
import { createTerminal } from "./terminal.ts";

const terminal = createTerminal(process.stdout, process.env);
const signal = untilStopped();
// A terminal that is closed is a Ctrl-C, and takes no more output.
process.once("SIGHUP", () => process.kill(process.pid, "SIGTERM"));
process.stdout.on("error", () => {});

const leat = new Command("leat").description("GitOps for Kubernetes").showHelpAfterError();

leat
  .command("run")
  .description("host controllers in one process; takes all of their flags too")
  .requiredOption("--controllers <names>", `which, separated by commas: ${controllerNames.join(", ")}`)
  .allowUnknownOption()
  .allowExcessArguments()
  .addHelpText(
    "after",
    () => `\n${controllerNames.map((name) => usage(`leat run --controllers ${name}`, flagsOf([name]))).join("\n")}`,
  )
  .action(({ controllers }: { controllers: string }, { args }: Command) =>
    runControllers({
      controllers,
      args,
      environment: process.env,
      write: (line) => process.stderr.write(line),
      signal,
    }),
  );

leat
  .command("demo")
  .description("bring up a cluster, a Git server and the controllers, and tell what they do")
  .option("--once", "end after the story, also on a terminal")
  .action(({ once = false }: { once?: boolean }) =>
    demo({ terminal, environment: process.env, once: once || !terminal.interactive, signal }),
  );

leat
  .command("cluster")
  .description("keep a control plane up for tests and trials")
  .option("--nodes <count>", "how many nodes", count, 2)
  .action(({ nodes }: { nodes: number }) => keepCluster({ terminal, nodes, signal }));

try {
  await leat.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Ctrl-C is no failure to be told of, but no success either. */
function exitCodeOf(error: unknown): number {
  if (signal.aborted) {
    terminal.line("Stopped.");
    return 130;
  }
  process.stderr.write(`leat: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new InvalidArgumentError("write a number from 1 to 999.");
  return Number(text);
}
