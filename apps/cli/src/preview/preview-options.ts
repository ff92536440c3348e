import { UsageError } from "@leat/controller";
import type { ObjectKey } from "@leat/controller";
import { InvalidArgumentError } from "commander";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { LeatCommand } from "../program/leat-command.ts";

/** What `leat build kustomization` and `leat diff kustomization` may both be told. */
export interface PreviewOptions extends ClusterOptions {
  path: string;
  kustomizationFile?: string;
  ignorePaths: string[];
  strictSubstitute?: boolean;
  decrypt: boolean;
  sopsAgeSecret?: ObjectKey;
  recursive?: boolean;
  localSources: ReadonlyMap<string, string>;
  remoteBases: boolean;
  kustomizeBinary: string;
  kustomizeRenderer: string;
}

/** Adds the options of {@link PreviewOptions}. */
export function takingPreview(command: LeatCommand): LeatCommand {
  command
    .argument("<name>", "name of the Kustomization")
    .requiredOption("--path <directory>", "local directory with the manifests")
    .option("--kustomization-file <file>", "file with the Kustomization, instead of the one in the cluster")
    .option("--ignore-paths <patterns>", "files to ignore, as in .gitignore; separated by commas", commaList, [])
    .option("-r, --recursive", "also process the Kustomizations among the objects, if --local-sources has their source")
    .option(
      "--local-sources <list>",
      "local directories for sources: Kind/namespace/name=directory, separated by commas",
      sourceList,
      new Map(),
    )
    .option("--strict-substitute", "fail for variables without value and default, as the controller does")
    .option("--no-strict-substitute", "replace such variables with an empty string")
    .option("--no-decrypt", "do not decrypt SOPS files")
    .option(
      "--sops-age-secret <namespace/name>",
      "the controller's Secret with age keys, for Kustomizations without their own",
      secretKey,
    )
    .option("--no-remote-bases", "reject remote bases")
    .option("--kustomize-binary <path>", "path of kustomize", "kustomize")
    .option(
      "--kustomize-renderer <path>",
      "path of the sandboxed renderer; kustomize is used if it is missing",
      "kustomize-renderer",
    );
  // The defaults of lists are empty, which is not worth a column.
  for (const option of command.options)
    if (typeof option.defaultValue === "object") option.defaultValueDescription = "";
  return takingCluster(command);
}

/** @throws UsageError for options that contradict each other */
export function checkPreview({ recursive = false, localSources }: PreviewOptions): void {
  if (recursive && localSources.size === 0) {
    throw new UsageError("--recursive requires --local-sources");
  }
  if (!recursive && localSources.size > 0) throw new UsageError("--local-sources requires --recursive");
}

function commaList(text: string, before: string[]): string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  ];
}

function sourceList(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const sources = new Map(before);
  for (const part of commaList(text, [])) {
    const [, source, directory] = /^([A-Za-z]+\/[^/=]+\/[^/=]+)=(.+)$/.exec(part) ?? [];
    if (source === undefined || directory === undefined) {
      throw new InvalidArgumentError("Write it like GitRepository/flux-system/apps=./apps.");
    }
    sources.set(source, directory);
  }
  return sources;
}

function secretKey(text: string): ObjectKey {
  const [namespace, name, ...more] = text.split("/");
  if (!namespace || !name || more.length > 0) throw new InvalidArgumentError("Write it like flux-system/sops-age.");
  return { namespace, name };
}
