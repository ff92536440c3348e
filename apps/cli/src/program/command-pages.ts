import { PassThrough } from "node:stream";
import type { Command, Option } from "commander";
import { LeatCommand, type Example } from "./leat-command.ts";
import { createProgram } from "./program.ts";
import { createTerminal } from "../terminal/terminal.ts";

/** What the reference tells of a command. */
export interface CommandPage {
  /** `leat get` */
  name: string;
  /** Heading of the commands that it stands with. */
  group: string;
  summary: string;
  description: string;
  usage: string;
  examples: readonly Example[];
  options: DocumentedOption[];
  exitCodes: ReadonlyMap<number, string>;
  commands: CommandPage[];
}

export interface DocumentedOption {
  /** Heading of the options that it stands with. */
  group: string;
  /** As it is written: `-n, --namespace <name>`. */
  flags: string;
  meaning: string;
  default: string;
  choices: readonly string[];
}

const everyExitCode: ReadonlyArray<[code: number, meaning: string]> = [
  [0, "Done."],
  [1, "Failed; stderr has the reason and what to do."],
  [2, "Invalid command line."],
  [130, "Stopped by Ctrl-C."],
];

/** Every command that is not hidden. */
export function commandPages(): CommandPage[] {
  const nowhere = createTerminal(new PassThrough(), {});
  const context = { out: nowhere, err: nowhere, environment: {}, signal: new AbortController().signal };
  return pagesIn(createProgram(context), "leat");
}

function pagesIn(parent: Command, path: string): CommandPage[] {
  const visible = parent.createHelp().visibleCommands(parent);
  return visible
    .filter((command) => command instanceof LeatCommand && command.name() !== "help")
    .map((command) => pageOf(command as LeatCommand, path));
}

function pageOf(command: LeatCommand, path: string): CommandPage {
  const name = `${path} ${command.name()}`;
  return {
    name,
    group: command.helpGroup().replace(/:$/, ""),
    summary: command.summary(),
    description: command.description(),
    usage: `${name} ${command.usage()}`,
    examples: command.examples,
    options: command
      .createHelp()
      .visibleOptions(command)
      .filter(({ long }) => long !== "--help")
      .map(optionOf),
    exitCodes: new Map([...everyExitCode, ...command.exitCodes].toSorted(([a], [b]) => a - b)),
    commands: pagesIn(command, name),
  };
}

function optionOf({ flags, description, argChoices, helpGroupHeading, ...option }: Option): DocumentedOption {
  const { defaultValue, defaultValueDescription, negate } = option;
  return {
    group: (helpGroupHeading ?? "Options:").replace(/:$/, ""),
    flags,
    meaning: description,
    default: negate || defaultValue === undefined ? "" : (defaultValueDescription ?? String(defaultValue)),
    choices: argChoices ?? [],
  };
}
