import { Command } from "commander";

export interface Example {
  /** Without `leat`: `get ks -A`. */
  line: string;
  /** What it does, as the end of "this …s". */
  meaning: string;
}

/** A command that documents itself: in its own help, in that of the whole, and in the reference. */
export class LeatCommand extends Command {
  /** The first one stands in the help of the whole. */
  readonly examples: Example[] = [];
  /** What this command's own exit codes mean, where they say more than done and failed. */
  readonly exitCodes = new Map<number, string>();

  override createCommand(name?: string): LeatCommand {
    return new LeatCommand(name);
  }

  example(line: string, meaning: string): this {
    this.examples.push({ line, meaning });
    if (this.examples.length === 1) this.addHelpText("after", () => `\n${this.#examplesText()}`);
    return this;
  }

  exitCode(code: number, meaning: string): this {
    this.exitCodes.set(code, meaning);
    return this;
  }

  #examplesText(): string {
    const width = Math.max(...this.examples.map(({ line }) => line.length));
    return `Examples:\n${this.examples.map(({ line, meaning }) => `  leat ${line.padEnd(width)}  ${meaning}`).join("\n")}`;
  }
}
