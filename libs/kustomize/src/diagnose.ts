import { LimitExceeded } from "@leat/api";
import { turns } from "@leat/text";
import { yamlDocuments } from "@leat/yaml";
import { isMap } from "./fields.ts";
import { Rejection } from "./rejection.ts";
import type { Trace } from "./trace-state.ts";

/**
 * Looks for a resource file that no build can read, and says where it is wrong; kustomize names neither the line nor, of
 * a missing field, the object. A file beyond the limits of what is read here is left to the words of kustomize.
 *
 * @throws Rejection, or Fault `InvalidYAML`, for the first such file
 */
export async function diagnose({ repository, resources }: Trace, signal: AbortSignal): Promise<void> {
  const turn = turns(signal);
  for (const path of resources) {
    const documents = await documentsIn(await repository.readText(path), path, turn);
    documents.forEach((document, index) =>
      check(document, path, documents.length > 1 ? ` (document ${index + 1})` : ""),
    );
  }
}

async function documentsIn(text: string, path: string, turn: () => Promise<void>): Promise<unknown[]> {
  const documents: unknown[] = [];
  try {
    for (const document of yamlDocuments(text, path, { dialect: "kustomize" })) {
      documents.push(document);
      await turn();
    }
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
  }
  return documents;
}

function check(document: unknown, path: string, which: string): void {
  if (!isMap(document))
    throw new Rejection(`${path}${which} is not a Kubernetes object: apiVersion, kind and metadata.name are required`);
  const { kind, items } = document;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    for (const item of items) check(item, path, which);
    return;
  }
  const metadata = isMap(document["metadata"]) ? document["metadata"] : {};
  if (typeof kind !== "string" || kind === "")
    throw new Rejection(`${path}${which} is not a Kubernetes object: missing kind`);
  if (typeof metadata["name"] === "string" && metadata["name"] !== "") return;
  const instead = metadata["generateName"] === undefined ? "" : " (generateName is not supported)";
  throw new Rejection(`${path}${which}: ${kind} is missing metadata.name${instead}`);
}
