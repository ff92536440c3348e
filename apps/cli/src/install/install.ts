import { join } from "node:path";
import { nameOf, subjectOf } from "@leat/apply";
import { UsageError } from "@leat/controller";
import { parseYaml, parseYamlDocuments, stringifyYaml } from "@leat/yaml";
import type { KubeObject } from "@leat/api";
import type { Context } from "../program/context.ts";
import type { Helm } from "./helm.ts";

/** What is installed, and how. */
export interface Installation {
  release: string;
  namespace: string;
  /** A directory, an archive, or what else helm takes for a chart. */
  chart: string;
  /** By their names in the chart; those of its values where it is absent. */
  controllers: readonly string[] | undefined;
  /** Paths of files with values. */
  valueFiles: readonly string[];
  /** As `name=value`. */
  values: readonly string[];
}

/** The chart that this command was made with: the controllers are of its version. */
export const ownChart = join(import.meta.dirname, "../../../../charts/leat");

/**
 * Installs the chart, or brings what is installed up to it, and waits until its controllers are ready.
 *
 * @throws Failure in helm's words
 */
export async function install(helm: Helm, installation: Installation, { out }: Context): Promise<void> {
  const { chart, release } = installation;
  const args = [
    "upgrade",
    "--install",
    release,
    chart,
    "--create-namespace",
    "--output",
    "json",
    "--wait",
    ...helm.timeout,
  ];
  const answer = await helm.run([...args, ...(await valueArgs(helm, installation))]);
  const { info } = JSON.parse(answer) as { info?: { notes?: string } };
  out.line(info?.notes?.trimEnd() ?? `${release} is installed in ${installation.namespace}`);
}

/** Prints what would be applied; the API server is asked for nothing but what the chart looks up. */
export async function dryRun(helm: Helm, installation: Installation, { out }: Context): Promise<void> {
  const { chart, release, namespace } = installation;
  const args = ["upgrade", "--install", release, chart, "--create-namespace", "--output", "json", "--dry-run=server"];
  const answer = await helm.run([...args, ...(await valueArgs(helm, installation))]);
  const { manifest = "", version } = JSON.parse(answer) as { manifest?: string; version?: number };
  const objects = parseYamlDocuments(manifest, "the chart") as KubeObject[];
  const what = version === 1 ? "would be installed" : "would be upgraded";
  out.line(`${release} ${what} in ${namespace}, with ${objects.length} objects:`);
  for (const object of objects) out.line(`  ${subjectOf(nameOf(object))}`);
}

/** Prints the manifests, and those of the namespace before them; talks to no cluster. */
export async function exportManifests(helm: Helm, installation: Installation, { out }: Context): Promise<void> {
  const { chart, release, namespace } = installation;
  const manifests = await helm.run([
    "template",
    release,
    chart,
    "--include-crds",
    ...(await valueArgs(helm, installation)),
  ]);
  out.line(`---\n${stringifyYaml({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }).trimEnd()}`);
  out.line(manifests.trimEnd());
}

async function valueArgs(helm: Helm, installation: Installation): Promise<string[]> {
  const { valueFiles, values } = installation;
  return [
    ...valueFiles.flatMap((file) => ["--values", file]),
    ...(await switches(helm, installation)).flatMap((value) => ["--set", value]),
    ...values.flatMap((value) => ["--set", value]),
  ];
}

/** One value for each controller of the chart: on where it was named, else off. */
async function switches(helm: Helm, { chart, controllers }: Installation): Promise<string[]> {
  if (controllers === undefined) return [];
  const shown = parseYaml(await helm.run(["show", "values", chart]), "values.yaml of the chart");
  const known = Object.keys((shown as { controllers?: object } | undefined)?.controllers ?? {});
  const unknown = controllers.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`the chart has no controller ${JSON.stringify(unknown)}; available: ${known.join(", ")}`);
  return known.map((name) => `controllers.${name}.enabled=${controllers.includes(name)}`);
}
