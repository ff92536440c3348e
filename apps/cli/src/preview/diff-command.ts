import { Option } from "commander";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";
import type { DiffOptions } from "./diff.ts";
import { checkPreview, takingPreview } from "./preview-options.ts";

/** `leat diff` */
export function diff(context: Context): LeatCommand {
  return new LeatCommand("diff")
    .summary("preview changes to the cluster")
    .description("Previews changes to the cluster.")
    .usage("<what> [options]")
    .example("diff kustomization apps --path ./apps", "compare a local directory with the cluster")
    .addCommand(diffKustomization(context));
}

function diffKustomization(context: Context): LeatCommand {
  const command = new LeatCommand("kustomization")
    .alias("ks")
    .summary("preview the apply of a local directory")
    .description(
      "Builds a Kustomization from a local directory as the controller does, and shows what an apply would change, using server-side dry-runs. Nothing is written. " +
        "For Secrets it shows which values differ, but not the values.",
    )
    .usage("<name> --path <directory> [options]")
    .option(
      "--ignore-not-found",
      "continue if the Kustomization is not in the cluster, with that of --kustomization-file",
    )
    .option("--stat", "print only the objects, without differences")
    .option("--summary", "print only the number of objects per action")
    .addOption(
      new Option("-o, --output <format>", "output format; markdown is for pull request comments")
        .choices(["text", "json", "markdown"])
        .default("text"),
    )
    .example("diff kustomization apps --path ./apps/production", "before a commit")
    .example("diff ks apps --path ./apps --stat", "only which objects")
    .example("diff ks apps --path ./apps -o markdown > comment.md", "for a pull request")
    .exitCode(0, "No differences.")
    .exitCode(1, "Differences found.")
    .exitCode(3, "The comparison failed, or the API server would reject an object.");
  return takingPreview(command).action(async (name: string, options: DiffOptions) => {
    checkPreview(options);
    const { diffAndPrint } = await import("./diff.ts");
    await diffAndPrint(context, name, options);
  });
}
