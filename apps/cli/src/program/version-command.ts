import type { Context } from "./context.ts";
import { LeatCommand } from "./leat-command.ts";
import { versionText } from "./version-text.ts";

/** `leat version` */
export function version({ out }: Context): LeatCommand {
  return new LeatCommand("version")
    .summary("print the version of this command")
    .description("Prints the version of this command. `leat check` shows those of the controllers in a cluster.")
    .example("version", "prints the version")
    .action(() => out.line(`leat ${versionText}`));
}
