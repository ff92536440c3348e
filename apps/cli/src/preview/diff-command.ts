import { Option } from "commander";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";
import type { DiffOptions } from "./diff.ts";
import { checkPreview, takingPreview } from "./preview-options.ts";

/** `leat diff` */
export function diff(context: Context): LeatCommand {
  return new LeatCommand("diff")
    .summary("show what a change would change in the cluster")
    .description("Shows what a change would change in the cluster.")
    .usage("<what> [options]")
    .example("diff kustomization apps --path ./apps", "a local directory beside what is in the cluster")
    .addCommand(diffKustomization(context));
}

function diffKustomization(context: Context): LeatCommand {
  const command = new LeatCommand("kustomization")
    .alias("ks")
    .summary("show what a local directory would change in the cluster")
    .description(
      "Builds a Kustomization from a local directory as the controller does, and shows what an apply of it would change: each object is rehearsed at the API server, and nothing is written. " +
        "Of Secrets it tells which values differ, never the values.",
    )
    .usage("<name> --path <directory> [options]")
    .option(
      "--ignore-not-found",
      "go on where the Kustomization is not in the cluster: compare the file's, if there is one",
    )
    .option("--stat", "print the objects without what differs in them")
    .option("--summary", "print only how many objects there are of each sort")
    .addOption(
      new Option("-o, --output <format>", "how to print; markdown is for a comment on a pull request")
        .choices(["text", "json", "markdown"])
        .default("text"),
    )
    .example("diff kustomization apps --path ./apps/production", "before a commit")
    .example("diff ks apps --path ./apps --stat", "only which objects")
    .example("diff ks apps --path ./apps -o markdown > comment.md", "for a pull request")
    .exitCode(0, "Nothing differs.")
    .exitCode(1, "Something differs.")
    .exitCode(3, "It cannot be told what differs, or the API server would refuse an object; what is printed says why.");
  return takingPreview(command).action(async (name: string, options: DiffOptions) => {
    checkPreview(options);
    const { diffAndPrint } = await import("./diff.ts");
    await diffAndPrint(context, name, options);
  });
}
