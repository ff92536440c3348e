import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { core, type KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { parseYamlDocuments } from "@leat/yaml";
import { conditionOf } from "./condition-of.ts";

const directory = join(import.meta.dirname, "../../../../charts/leat/files/crds");
const establishedTimeoutMs = 30_000;

/**
 * Installs the chart's custom resource definitions and waits until the API server serves them.
 *
 * @throws Error where it does not serve one in time
 */
export async function installDefinitions(kube: Kube, signal: AbortSignal): Promise<void> {
  const objects = await readDefinitions();
  for (const object of objects)
    await kube.apply(core.CustomResourceDefinition, object, { fieldManager: "leat", force: true, signal });
  for (const { metadata } of objects) await established(kube, metadata.name, signal);
}

async function readDefinitions(): Promise<KubeObject[]> {
  const files = await Array.fromAsync(glob("*.yaml", { cwd: directory }));
  const documents = await Promise.all(
    files.map(async (file) => parseYamlDocuments(await readFile(join(directory, file), "utf8"), file)),
  );
  return documents.flat() as KubeObject[];
}

async function established(kube: Kube, name: string, signal: AbortSignal): Promise<void> {
  const selection = { resource: core.CustomResourceDefinition, fieldSelector: `metadata.name=${name}` };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(establishedTimeoutMs)]);
  for await (const event of kube.watch(selection, limited)) {
    const object = event.type === "listed" ? event.objects[0] : event.object;
    if (conditionOf(object, "Established")?.status === "True") return;
  }
  signal.throwIfAborted();
  throw new Error(`the API server does not serve ${name} after ${establishedTimeoutMs / 1000} s`);
}
