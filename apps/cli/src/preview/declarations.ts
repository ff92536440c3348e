import { readFile } from "node:fs/promises";
import { Fault, type KubeObject, Kustomization } from "@leat/api";
import { parseYamlDocuments } from "@leat/yaml";
import { Failure } from "../program/failure.ts";

/** Which Kustomization is meant. */
export interface Wanted {
  namespace: string;
  name: string;
}

/**
 * The Kustomization of that name in a file of manifests.
 *
 * @throws Failure where there is none
 */
export async function kustomizationIn(file: string, { namespace, name }: Wanted): Promise<KubeObject> {
  const documents = parseYamlDocuments(await readText(file), file) as KubeObject[];
  const found = documents.filter(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === Kustomization.apiVersion && kind === Kustomization.kind && metadata?.name === name,
  );
  const [object] = found.filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace);
  if (object !== undefined) return object;
  const elsewhere = found.map(({ metadata }) => metadata.namespace).join(", ");
  const hint = elsewhere === "" ? "" : `; there is one in ${elsewhere}: add -n ${elsewhere}`;
  throw new Failure(`no Kustomization ${name} for namespace ${namespace} in ${file}${hint}`);
}

/**
 * A Kustomization as its controller would read it: what is declared, with the status of the one in the cluster.
 *
 * @throws Failure that names what is wrong with it
 */
export function asStored(declared: KubeObject, live: KubeObject | undefined, namespace: string): Kustomization {
  const unset = { uid: "", resourceVersion: "", generation: 0, creationTimestamp: "" };
  const metadata = { ...unset, namespace, ...live?.metadata, ...declared.metadata };
  try {
    return Kustomization.parse({ ...declared, metadata, status: live?.["status"] ?? { observedGeneration: -1 } });
  } catch (error) {
    if (error instanceof Fault) throw new Failure(error.message, { cause: error });
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Failure(`${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
