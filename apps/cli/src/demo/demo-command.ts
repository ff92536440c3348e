import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat demo` */
export function demo({ out, environment, signal }: Context): LeatCommand {
  return new LeatCommand("demo")
    .summary("bring up everything on this machine and tell a story")
    .description(
      "Brings up a cluster, a Git server and the controllers on this machine, and tells what they do. Takes everything down at the end.",
    )
    .example("demo", "stays up after the story, to be played with")
    .option("--once", "end after the story, also on a terminal")
    .action(async ({ once = false }: { once?: boolean }) => {
      const { demo: tell } = await import("./demo.ts");
      await tell({ terminal: out, environment, once: once || !out.interactive, signal });
    });
}
