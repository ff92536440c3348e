import { readFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { Fault } from "@leat/api";
import { parseYaml } from "@leat/yaml";
import {
  addDocument,
  type ContextChoice,
  emptyKubeconfig,
  type Kubeconfig,
  selectContext,
  type SelectedContext,
} from "./kubeconfig-entries.ts";
import { type ConfigLocationOptions, configLocationOf } from "./config-location.ts";

/**
 * Reads one context of a kubeconfig, or of several with `:` in between, where the first file to name something wins.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function readContext(paths: string, choice: ContextChoice = {}): Promise<SelectedContext> {
  return selectContext(await readAll(paths), choice);
}

/**
 * The names that a kubeconfig has for what can be chosen of it; none where there is no kubeconfig but a pod's identity.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function kubeconfigNames(
  of: "context" | "cluster" | "user",
  options: ConfigLocationOptions,
): Promise<string[]> {
  const location = configLocationOf(options);
  return location.kind === "kubeconfig" ? [...(await readAll(location.path))[`${of}s`].keys()] : [];
}

async function readAll(paths: string): Promise<Kubeconfig> {
  const config = emptyKubeconfig(paths);
  for (const path of paths.split(delimiter).filter(Boolean)) {
    addDocument(config, parseYaml(await read(path), path), path);
  }
  return config;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Fault("KubeconfigInvalid", `cannot read the kubeconfig ${path}`, { cause });
  }
}
