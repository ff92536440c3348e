import { Option } from "commander";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";
import type { BuildOptions } from "./build.ts";
import { checkPreview, takingPreview } from "./preview-options.ts";

/** `leat build` */
export function build(context: Context): LeatCommand {
  return new LeatCommand("build")
    .summary("print what would be applied")
    .description("Prints what would be applied.")
    .usage("<what> [options]")
    .example("build kustomization apps --path ./apps", "the objects of a local directory")
    .addCommand(buildKustomization(context));
}

function buildKustomization(context: Context): LeatCommand {
  const command = new LeatCommand("kustomization")
    .alias("ks")
    .summary("print the objects of a Kustomization as they would be applied")
    .description(
      "Builds a Kustomization from a local directory as the controller does, and prints its objects in the order in which they would be applied. " +
        "Values of Secrets are printed as ***, which no API server takes. What you may not decrypt stays encrypted.",
    )
    .usage("<name> --path <directory> [options]")
    .option("--dry-run", "ask no cluster: variables that come from it, and what is encrypted, stay as they are written")
    .option("--show-secrets", "print the values of Secrets, too")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["yaml", "json"]).default("yaml"))
    .example("build kustomization apps --path ./apps/production", "with the spec and the variables of the cluster")
    .example("build ks apps --path ./apps --kustomization-file ./apps.yaml --dry-run", "without a cluster")
    .example(
      "build ks apps --path ./apps -r --local-sources GitRepository/flux-system/infra=../infra",
      "with the Kustomizations that it declares",
    );
  return takingPreview(command).action(async (name: string, options: BuildOptions) => {
    checkPreview(options);
    const { buildAndPrint } = await import("./build.ts");
    await buildAndPrint(context, name, options);
  });
}
