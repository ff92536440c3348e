import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat demo` */
export function demo({ out, environment, signal }: Context): LeatCommand {
  return new LeatCommand("demo")
    .summary("run a guided local demo")
    .description(
      "Starts a control plane, a Git server and the controllers on this machine, and demonstrates them step by step. Removes everything at the end.",
    )
    .example("demo", "keep running after the demo, for experiments")
    .option("--once", "end after the demo, also in a terminal")
    .action(async ({ once = false }: { once?: boolean }) => {
      const { demo: tell } = await import("./demo.ts");
      await tell({ terminal: out, environment, once: once || !out.interactive, signal });
    });
}
