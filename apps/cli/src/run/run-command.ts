import { usage, UsageError } from "@leat/controller";
import { controllers } from "@leat/controllers";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat run` */
export function run({ out, err, environment, signal }: Context): LeatCommand {
  const keys = controllers.map(({ key }) => key).join(", ");
  const command = new LeatCommand("run")
    .summary("run controllers in this process")
    .description("Runs any set of controllers in this process, and accepts all their flags.")
    .usage("--controllers <names> [options] [flags of the controllers]")
    .example("run --controllers source,kustomize --kubeconfig ~/.kube/config", "run two controllers")
    .option("--controllers <names>", `which, separated by commas: ${keys}`)
    // What the controllers add to the help takes too long to load for every command.
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments();
  return command.action(async ({ controllers: names }: { controllers?: string }) => {
    const { args } = command;
    if (args.includes("--help") || args.includes("-h")) {
      const flags = controllers.map(async ({ key, load }) =>
        usage(`leat run --controllers ${key}`, (await load()).flags),
      );
      out.line([command.helpInformation(), ...(await Promise.all(flags))].join("\n").trimEnd());
      return;
    }
    if (names === undefined) throw new UsageError(`--controllers is required: ${keys}`);
    const { runControllers } = await import("./run.ts");
    await runControllers({ controllers: names, args, environment, write: (line) => err.line(line.trimEnd()), signal });
  });
}
