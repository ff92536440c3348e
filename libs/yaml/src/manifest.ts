import { type Document, jsToAst, type MappingNode, present, visit } from "js-yaml";
import { chooseAsGo } from "./go-style.ts";
import { kubectlSchema } from "./schemas.ts";
import { checkWrittenSize } from "./written-size.ts";

/** Writes one document as Kubernetes' own tools write an object: keys sorted, and strings quoted where those quote them. */
export function stringifyManifest(value: unknown): string {
  return present(nodesOf(value), manifestStyle);
}

/**
 * The same, in turns on the event loop.
 *
 * @param turn yields to other work where it is time to
 * @throws LimitExceeded for what is too large to be written and read in turns
 */
export async function stringifyManifestInTurns(value: unknown, turn: () => Promise<void>): Promise<string> {
  checkWrittenSize(value);
  const nodes = nodesOf(value);
  await turn();
  return present(nodes, manifestStyle);
}

const manifestStyle = { schema: kubectlSchema, lineWidth: -1, seqNoIndent: true, scalarStyleRules: [chooseAsGo] };

function nodesOf(value: unknown): Document[] {
  const documents = jsToAst(value, kubectlSchema, { noRefs: true });
  visit(documents, (node) => {
    if (node.kind === "mapping") node.items.sort((one, other) => compare(keyOf(one), keyOf(other)));
  });
  return documents;
}

function keyOf({ key }: MappingNode["items"][number]): string {
  return key.kind === "scalar" ? key.value : "";
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
