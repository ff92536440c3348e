import { Kustomization, type KubeObject, ownerNameLabel, ownerNamespaceLabel } from "@leat/api";
import { type ObjectName, parseEntry } from "@leat/apply";
import { inventoryOf } from "../cluster/inventory-of.ts";
import { stepOf, type Step } from "../trace/step.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { keyOf, readApplied } from "./read-applied.ts";

/** An object, with what it has applied. */
export interface TreeNode extends Pick<Step, "apiVersion" | "kind" | "namespace" | "name" | "message" | "suspended"> {
  /** `Unknown` where it cannot be read from here. */
  status: Step["status"] | "Unknown";
  /** In the order of the inventory; absent for what applies nothing. */
  children?: TreeNode[];
}

export interface TreeOptions {
  /** Leaves out what applies nothing, and is no source either. */
  compact: boolean;
}

/** Deeper than anybody nests them. */
const mostLevels = 20;

/** What an object has applied, what that has applied, and so on, each with its health. */
export async function treeOf(cluster: Cluster, root: KubeObject, options: TreeOptions): Promise<TreeNode> {
  return nodeOf(cluster, root, { ...options, above: [] });
}

interface Descent extends TreeOptions {
  /** Uids of what leads to the object, so that what applies itself is not followed for ever. */
  above: ReadonlyArray<string | undefined>;
}

async function nodeOf(cluster: Cluster, object: KubeObject, descent: Descent): Promise<TreeNode> {
  const { apiVersion, kind, namespace, name, status, message, suspended } = stepOf("object", object);
  const own: TreeNode = {
    apiVersion,
    kind,
    ...(namespace !== undefined && { namespace }),
    name,
    status,
    message,
    ...(suspended && { suspended }),
  };
  const { above } = descent;
  const entries = above.includes(object.metadata.uid) || above.length >= mostLevels ? undefined : inventoryOf(object);
  if (entries === undefined) return own;
  const listed = entries.map(parseEntry).filter((listedName) => listedName !== undefined);
  const names = descent.compact ? listed.filter(isDeclaration) : listed;
  return { ...own, children: await childrenOf(cluster, object, { ...descent, names }) };
}

async function childrenOf(
  cluster: Cluster,
  applier: KubeObject,
  { names, ...descent }: Descent & { names: readonly ObjectName[] },
): Promise<TreeNode[]> {
  if (isElsewhere(applier)) return names.map((name) => unknownNode(name, "is in another cluster"));
  const found = await readApplied(cluster, ownerLabelsOf(applier), names);
  const below = { ...descent, above: [...descent.above, applier.metadata.uid] };
  return Promise.all(
    names.map(async (name): Promise<TreeNode> => {
      const answer = found.get(keyOf(name));
      if (answer === undefined) return { ...unknownNode(name, "does not exist"), status: "NotFound" };
      if (answer.kind === "rejected") return unknownNode(name, answer.message);
      return nodeOf(cluster, answer.object, below);
    }),
  );
}

/** What declares more, or where more comes from. */
function isDeclaration({ apiVersion }: ObjectName): boolean {
  const group = apiVersion.split("/")[0] ?? "";
  return group.endsWith(".toolkit.fluxcd.io") || group === "leat.dev";
}

function isElsewhere({ spec }: KubeObject): boolean {
  return (spec as { kubeConfig?: unknown } | undefined)?.kubeConfig !== undefined;
}

/** The labels that an applier leaves on what it applies. */
function ownerLabelsOf({ apiVersion, metadata }: KubeObject): Record<string, string> {
  const group = apiVersion.split("/")[0] ?? Kustomization.group;
  return { [ownerNameLabel(group)]: metadata.name, [ownerNamespaceLabel(group)]: metadata.namespace ?? "" };
}

function unknownNode({ apiVersion, kind, namespace, name }: ObjectName, message: string): TreeNode {
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name, status: "Unknown", message };
}
