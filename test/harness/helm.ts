import { join } from "node:path";
import type { KubeObject } from "@leat/api";
import { type Finished, run } from "@leat/process";
import { openPrivateDirectory } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import { repositoryRoot } from "./stack.ts";

export const chartDirectory = join(repositoryRoot, "charts/leat");

/** Where a release goes: the namespace that controllers take for their own where nothing else is said. */
export const release = { name: "leat", namespace: "flux-system" };

export interface HelmOptions {
  /** Of an administrator; none for what needs no cluster. */
  kubeconfig?: string;
  /** More values, as JSON. */
  values?: object;
}

/** Runs helm with nobody's configuration; its exit code tells. */
export async function helm(args: readonly string[], { kubeconfig, values = {} }: HelmOptions = {}): Promise<Finished> {
  await using home = await openPrivateDirectory();
  const chosen = args[0] === "uninstall" ? [] : ["--values=-"];
  return await run(await binary("helm"), [...args, ...chosen], {
    env: {
      HOME: home.path,
      // Without it, helm asks the cluster that it takes for its own.
      KUBECONFIG: kubeconfig ?? "/dev/null",
    },
    input: JSON.stringify(values),
    timeoutMs: 120_000,
  });
}

/**
 * The objects of the chart.
 *
 * @throws Error with the words of helm where it makes none of the values
 */
export async function renderChart(values: object = {}, { name, namespace } = release): Promise<KubeObject[]> {
  const args = ["template", name, chartDirectory, `--namespace=${namespace}`];
  const { exitCode, stdout, stderr } = await helm(args, { values });
  if (exitCode !== 0) throw new Error(stderr);
  return parseYamlDocuments(stdout.toString(), "the chart") as KubeObject[];
}
