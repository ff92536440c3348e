import { UsageError } from "@leat/controller";
import { type Command, CommanderError } from "commander";
import { hoisted } from "../cluster/cluster-options.ts";
import { build } from "../preview/build-command.ts";
import { cluster } from "../local-cluster/cluster-command.ts";
import { check } from "../check/check-command.ts";
import { completeWords } from "../completion/complete-command.ts";
import { completion } from "../completion/completion-command.ts";
import { demo } from "../demo/demo-command.ts";
import { describe } from "../describe/describe-command.ts";
import { diff } from "../preview/diff-command.ts";
import { events } from "../events/events-command.ts";
import { exportCommand } from "../export/export-command.ts";
import { get } from "../get/get-command.ts";
import { install } from "../install/install-command.ts";
import { logs } from "../logs/logs-command.ts";
import { reconcile } from "../reconcile/reconcile-command.ts";
import { resume } from "../suspend/resume-command.ts";
import { run } from "../run/run-command.ts";
import { suspend } from "../suspend/suspend-command.ts";
import { trace } from "../trace/trace-command.ts";
import { tree } from "../tree/tree-command.ts";
import { uninstall } from "../install/uninstall-command.ts";
import { version } from "./version-command.ts";
import type { Context } from "./context.ts";
import { explain } from "./explain.ts";
import { Failure } from "./failure.ts";
import { LeatCommand } from "./leat-command.ts";
import { versionText } from "./version-text.ts";

/** Every command, by what it is for. */
const about = "About leat:";
const groups: Readonly<Record<string, ReadonlyArray<(context: Context) => LeatCommand>>> = {
  "Inspect:": [get, describe, events, logs, trace, tree],
  "Preview:": [build, diff],
  "Operate:": [reconcile, suspend, resume],
  "Install:": [check, install, uninstall, exportCommand],
  "Run locally:": [demo, cluster, run],
  [about]: [version, completion],
};

/** The complete `leat` command, for parsing and for its documentation. */
export function createProgram(context: Context): LeatCommand {
  const program = new LeatCommand("leat")
    .description("GitOps for Kubernetes: inspect and operate sources and Kustomizations.")
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
