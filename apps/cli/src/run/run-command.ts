import { usage, UsageError } from "@leat/controller";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat run` */
export function run({ out, err, environment, signal }: Context): LeatCommand {
  const command = new LeatCommand("run")
    .summary("host controllers in one process")
    .description("Hosts any set of controllers in one process, and takes all of their flags too.")
    .usage("--controllers <names> [options] [flags of the controllers]")
    .example("run --controllers source,kustomize --kubeconfig ~/.kube/config", "hosts two controllers")
    .option("--controllers <names>", "which, separated by commas, such as source,kustomize")
    // What the controllers add to the help takes too long to load for every command.
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments();
  return command.action(async ({ controllers }: { controllers?: string }) => {
    const { controllerNames, flagsOf } = await import("./hosted.ts");
    const { args } = command;
    if (args.includes("--help") || args.includes("-h")) {
      const flags = controllerNames.map((name) => usage(`leat run --controllers ${name}`, flagsOf([name])));
      out.line([command.helpInformation(), ...flags].join("\n").trimEnd());
      return;
    }
    if (controllers === undefined) throw new UsageError(`name the --controllers: ${controllerNames.join(", ")}`);
    const { runControllers } = await import("./run.ts");
    await runControllers({ controllers, args, environment, write: (line) => err.line(line.trimEnd()), signal });
  });
}
