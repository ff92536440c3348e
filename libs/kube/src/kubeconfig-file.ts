import { readFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { Fault } from "@leat/api";
import { parseYaml } from "@leat/yaml";
import {
  addDocument,
  type ContextChoice,
  emptyKubeconfig,
  selectContext,
  type SelectedContext,
} from "./kubeconfig-entries.ts";

/**
 * Reads one context of a kubeconfig, or of several with `:` in between, where the first file to name something wins.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function readContext(paths: string, choice: ContextChoice = {}): Promise<SelectedContext> {
  const config = emptyKubeconfig(paths);
  for (const path of paths.split(delimiter).filter(Boolean)) {
    addDocument(config, parseYaml(await read(path), path), path);
  }
  return selectContext(config, choice);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Fault("KubeconfigInvalid", `cannot read the kubeconfig ${path}`, { cause });
  }
}
