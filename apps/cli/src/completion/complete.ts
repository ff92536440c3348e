import type { Argument, Command, Option } from "commander";
import { clusterOptions } from "../cluster/cluster-options.ts";
import { targetOf } from "../cluster/kinds.ts";
import { kindWords, type Lookup, type Values } from "./lookup.ts";

/** One way to go on, and what it means. */
export interface Candidate {
  word: string;
  meaning: string;
}

/** Where on a command line somebody is. */
interface Position {
  command: Command;
  /** Words that are neither commands nor options. */
  operands: string[];
  values: Values;
  /** Whose value the last word is. */
  option: Option | undefined;
}

/**
 * How the last of the words, which may be empty, may go on.
 *
 * @param words without the name of the program
 */
export async function complete(program: Command, words: readonly string[], lookup: Lookup): Promise<Candidate[]> {
  const current = words.at(-1) ?? "";
  const position = positionOf(program, words.slice(0, -1));
  const candidates = await candidatesAt(position, current, lookup);
  const fitting = candidates.filter(({ word }) => word.startsWith(current));
  return [...new Map(fitting.map((candidate) => [candidate.word, candidate])).values()];
}

function positionOf(program: Command, words: readonly string[]): Position {
  const position: Position = { command: program, operands: [], values: {}, option: undefined };
  for (const word of words) {
    if (position.option !== undefined) {
      position.values[position.option.attributeName()] = word;
      position.option = undefined;
    } else if (word.startsWith("-")) {
      takeOption(position, word);
    } else {
      const inner = position.operands.length === 0 && position.command.commands.find((each) => answersTo(each, word));
      if (inner) position.command = inner;
      else position.operands.push(word);
    }
  }
  return position;
}

function takeOption(position: Position, word: string): void {
  const [flag = "", ...value] = word.split("=");
  const option = optionsOf(position.command).find(({ short, long }) => flag === short || flag === long);
  if (option === undefined || option.negate) return;
  if (option.isBoolean()) position.values[option.attributeName()] = true;
  else if (word.includes("=")) position.values[option.attributeName()] = value.join("=");
  else position.option = option;
}

function answersTo(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

/** Options for the cluster may stand before the command, too. */
function optionsOf(command: Command): readonly Option[] {
  return command.parent === null ? [...command.options, ...clusterOptions()] : command.options;
}

async function candidatesAt(position: Position, current: string, lookup: Lookup): Promise<Candidate[]> {
  const { command, operands, option, values } = position;
  if (option !== undefined) return valuesOf(option, values, current, lookup);
  const [flag = "", value] = current.split("=");
  if (value !== undefined && current.startsWith("--")) {
    const written = optionsOf(command).find(({ long }) => long === flag);
    const found = written ? await valuesOf(written, values, value, lookup) : [];
    return found.map(({ word, meaning }) => ({ word: `${flag}=${word}`, meaning }));
  }
  if (current.startsWith("-"))
    return optionsOf(command)
      .filter(({ hidden }) => !hidden)
      .map(optionCandidate);
  if (operands.length === 0 && command.commands.length > 0)
    return command.createHelp().visibleCommands(command).map(commandCandidate);
  return operandsAt(position, current, lookup);
}

function optionCandidate({ long, short, description }: Option): Candidate {
  return { word: long ?? short ?? "", meaning: description };
}

function commandCandidate(command: Command): Candidate {
  return { word: command.name(), meaning: command.summary() || command.description() };
}

async function valuesOf(option: Option, values: Values, current: string, lookup: Lookup): Promise<Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map(plain);
  switch (option.attributeName()) {
    case "namespace":
      return (await lookup.namespaces(values)).map(plain);
    case "context":
    case "cluster":
    case "user":
      return (await lookup.kubeconfigNames(option.attributeName() as "context" | "cluster" | "user", values)).map(
        plain,
      );
    case "for":
      return slashed(values, current, lookup);
    case "statusSelector":
      return ["ready=false", "ready=true", "ready=unknown", "stalled=true", "drifted=true"].map(plain);
    default:
      return [];
  }
}

async function operandsAt({ command, operands, values }: Position, current: string, lookup: Lookup) {
  const argument = argumentAt(command, operands.length);
  if (argument?.argChoices !== undefined) return argument.argChoices.map(plain);
  const first = command.registeredArguments[0]?.name();
  if (argument === undefined || first !== "kind") return [];
  if (operands.length === 0)
    return current.includes("/") ? slashed(values, current, lookup) : kindWords().map(firstWord);
  // The second word of `source git`, or a name.
  const started = kindWords().filter(({ word }) => word.startsWith(`${operands.join(" ")} `));
  if (operands.length === 1 && started.length > 0) return started.map(secondWord);
  return namesOf(operands, values, lookup);
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

async function namesOf(words: readonly string[], values: Values, lookup: Lookup): Promise<Candidate[]> {
  try {
    const { kinds, names } = targetOf(words);
    const [kind, ...others] = kinds;
    if (kind === undefined || others.length > 0) return [];
    const found = await lookup.objects(kind, values);
    return found.filter((name) => !names.includes(name)).map(plain);
  } catch {
    // An unknown kind has no objects.
    return [];
  }
}

/** Ways to go on with `ks/ap`. */
async function slashed(values: Values, current: string, lookup: Lookup): Promise<Candidate[]> {
  const [kind = ""] = current.split("/");
  if (!current.includes("/")) {
    return kindWords()
      .filter(({ word }) => !word.includes(" "))
      .map(({ word, meaning }) => ({ word: `${word}/`, meaning }));
  }
  return (await namesOf([kind], values, lookup)).map(({ word }) => plain(`${kind}/${word}`));
}

function firstWord({ word, meaning }: Candidate): Candidate {
  return { word: word.split(" ")[0] ?? "", meaning };
}

function secondWord({ word, meaning }: Candidate): Candidate {
  return { word: word.split(" ")[1] ?? "", meaning };
}

function plain(word: string): Candidate {
  return { word, meaning: "" };
}
