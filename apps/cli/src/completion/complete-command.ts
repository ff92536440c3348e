import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat __complete`, which the scripts of `leat completion` call: one candidate a line, with its meaning after a tab. */
export function completeWords(context: Context): LeatCommand {
  const command = new LeatCommand("__complete")
    .description("Prints completions of the last word of a command line.")
    .argument("[words...]", "the command line without the program, after --");
  return command.action(async (words: string[]) => {
    const [{ complete }, { createLookup }] = await Promise.all([import("./complete.ts"), import("./lookup.ts")]);
    const program = command.parent ?? command;
    for (const { word, meaning } of await complete(program, words, createLookup(context))) {
      const [sentence = ""] = meaning.split("\n");
      context.out.line(sentence === "" ? word : `${word}\t${sentence}`);
    }
  });
}
