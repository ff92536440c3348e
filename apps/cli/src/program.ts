import { UsageError } from "@leat/controller";
import { type Command, CommanderError } from "commander";
import { hoisted } from "./cluster-options.ts";
import { build } from "./commands/build.ts";
import { cluster } from "./commands/cluster.ts";
import { check } from "./commands/check.ts";
import { completeWords } from "./commands/complete.ts";
import { completion } from "./commands/completion.ts";
import { demo } from "./commands/demo.ts";
import { describe } from "./commands/describe.ts";
import { diff } from "./commands/diff.ts";
import { events } from "./commands/events.ts";
import { exportCommand } from "./commands/export.ts";
import { get } from "./commands/get.ts";
import { install } from "./commands/install.ts";
import { logs } from "./commands/logs.ts";
import { reconcile } from "./commands/reconcile.ts";
import { resume } from "./commands/resume.ts";
import { run } from "./commands/run.ts";
import { suspend } from "./commands/suspend.ts";
import { trace } from "./commands/trace.ts";
import { tree } from "./commands/tree.ts";
import { uninstall } from "./commands/uninstall.ts";
import { version } from "./commands/version.ts";
import type { Context } from "./context.ts";
import { explain } from "./explain.ts";
import { Failure } from "./failure.ts";
import { LeatCommand } from "./leat-command.ts";
import { versionText } from "./version-text.ts";

/** Every command, by what it is for. */
const about = "About leat:";
const groups: Readonly<Record<string, ReadonlyArray<(context: Context) => LeatCommand>>> = {
  "See:": [get, describe, events, logs, trace, tree],
  "Preview:": [build, diff],
  "Steer:": [reconcile, suspend, resume],
  "Install:": [check, install, uninstall, exportCommand],
  "Try and host:": [demo, cluster, run],
  [about]: [version, completion],
};

/** The whole of `leat`, for parsing and for printing its documentation. */
export function createProgram(context: Context): LeatCommand {
  const program = new LeatCommand("leat")
    .description("GitOps for Kubernetes: see and steer what Git declares.")
    .usage("<command> [options]")
    .version(versionText, "-V, --version", "print the version of this command")
    .addHelpCommand(new LeatCommand("help").argument("[command]").summary("print help for a command").helpGroup(about))
    .configureHelp({ subcommandTerm: (command) => command.name(), subcommandDescription: described(context) });
  for (const [group, commands] of Object.entries(groups)) {
    for (const make of commands) program.addCommand(make(context).helpGroup(group));
  }
  program.addCommand(completeWords(context), { hidden: true });
  adopt(program, context);
  return program;
}

/**
 * Runs one command line.
 *
 * @returns 0 for done, 1 for failed (or what the command says), 2 for a command line that cannot be understood, 130 for stopped
 */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  try {
    await createProgram(context).parseAsync(hoisted(args), { from: "user" });
    return 0;
  } catch (error) {
    context.err.clear();
    if (context.signal.aborted) {
      context.err.line("Stopped.");
      return 130;
    }
    // Commander has told already what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const text = explain(error);
    if (text !== "") context.err.line(`leat: ${text}`);
    if (error instanceof UsageError) return 2;
    return error instanceof Failure ? error.exitCode : 1;
  }
}

/** One line of what a command does, and one of how it is written. */
function described({ out }: Context): (command: Command) => string {
  return (command) => {
    const [example] = command instanceof LeatCommand ? command.examples : [];
    return example === undefined
      ? command.summary()
      : `${command.summary()}\n  ${out.style("dim", `leat ${example.line}`)}`;
  };
}

/** Lets commands that were made on their own write where the context says, and end by throwing. */
function adopt(command: Command, context: Context, path = command.name()): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.line(text.trimEnd()),
      writeErr: (text) => context.err.line(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, "leat: ")),
    })
    .showHelpAfterError(`See \`${path} --help\`.`);
  for (const inner of command.commands) adopt(inner, context, `${path} ${inner.name()}`);
}
