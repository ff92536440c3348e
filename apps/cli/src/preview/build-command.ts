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
      "Builds a Kustomization from a local directory as the controller does, and prints its objects in the order of apply. " +
        "Values of Secrets are printed as ***. Files remain encrypted if you cannot read the decryption keys.",
    )
    .usage("<name> --path <directory> [options]")
    .option(
      "--dry-run",
      "do not access a cluster: variables from it are not substituted, and encrypted files remain encrypted",
    )
    .option("--show-secrets", "print the values of Secrets")
    .addOption(new Option("-o, --output <format>", "output format").choices(["yaml", "json"]).default("yaml"))
    .example("build kustomization apps --path ./apps/production", "with the spec and the variables of the cluster")
    .example("build ks apps --path ./apps --kustomization-file ./apps.yaml --dry-run", "without a cluster")
    .example(
      "build ks apps --path ./apps -r --local-sources GitRepository/flux-system/infra=../infra",
      "including the Kustomizations that it contains",
    );
  return takingPreview(command).action(async (name: string, options: BuildOptions) => {
    checkPreview(options);
    const { buildAndPrint } = await import("./build.ts");
    await buildAndPrint(context, name, options);
  });
}
