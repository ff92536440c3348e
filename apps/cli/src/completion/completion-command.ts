import { Argument } from "commander";
import type { Context } from "../program/context.ts";
import { completionScripts, type Shell } from "./scripts.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat completion` */
export function completion({ out }: Context): LeatCommand {
  return new LeatCommand("completion")
    .summary("generate a shell completion script")
    .description(
      "Prints a shell completion script for commands, options, kinds, and the names of objects and namespaces in the cluster.",
    )
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(completionScripts)))
    .example("completion bash >> ~/.bashrc", "for bash")
    .example('completion zsh > "${fpath[1]}/_leat"', "for zsh")
    .example("completion fish > ~/.config/fish/completions/leat.fish", "for fish")
    .example("completion powershell >> $PROFILE", "for PowerShell")
    .action((shell: Shell) => out.line(completionScripts[shell].trimEnd()));
}
