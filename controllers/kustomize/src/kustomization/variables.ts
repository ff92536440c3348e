import type { Kustomization } from "@leat/api";
import { type ConfigData, type Kube, readConfigData } from "@leat/kube";

export interface Variable {
  /** Without line breaks; `undefined` where what it comes from is no text. */
  value: string | undefined;
  /** For messages. */
  from: string;
  isSecret: boolean;
}

export type Variables = ReadonlyMap<string, Variable>;

type Rejected = { kind: "rejected"; message: string };

export type SourcesRead =
  /** `isComplete`: there are no others, which nobody could read. */
  { kind: "read"; sources: readonly ConfigData[]; isComplete: boolean } | Rejected;

/** Where ConfigMaps and Secrets are read; `undefined` without a cluster. */
export type Configs = Pick<Kube, "get"> | undefined;

/** Reads what `substituteFrom` names, with one request each; nothing of it is kept. */
export async function readVariableSources(
  { metadata, spec }: Kustomization,
  kube: Configs,
  signal: AbortSignal,
): Promise<SourcesRead> {
  const references = spec.postBuild?.substituteFrom ?? [];
  if (kube === undefined) return { kind: "read", sources: [], isComplete: references.length === 0 };
  const { namespace } = metadata;
  const read = await Promise.all(references.map(async (one) => readSource({ ...one, namespace, kube, signal })));
  const sources: ConfigData[] = [];
  for (const one of read) {
    if (one === undefined) continue;
    if ("message" in one) return one;
    sources.push(one);
  }
  return { kind: "read", sources, isComplete: true };
}

interface Reading {
  kube: Pick<Kube, "get">;
  signal: AbortSignal;
  kind: "ConfigMap" | "Secret";
  namespace: string;
  name: string;
  optional: boolean;
}

async function readSource({ kube, signal, optional, ...ref }: Reading): Promise<ConfigData | Rejected | undefined> {
  const read = await readConfigData(kube, ref, signal);
  if (read.kind === "found") return read.data;
  if (read.kind === "missing" && optional) return undefined;
  const named = `${read.subject} of spec.postBuild.substituteFrom`;
  return {
    kind: "rejected",
    message:
      read.kind === "forbidden"
        ? `${named} cannot be read: ${read.message}`
        : `${named} does not exist: create it, or set optional: true`,
  };
}

/** The variables of a Kustomization: of two with the same name that of the later source counts, and that of the spec most. */
export function variablesOf(
  { spec }: Kustomization,
  sources: readonly ConfigData[],
): { kind: "variables"; variables: Variables } | Rejected {
  const variables = new Map<string, Variable>();
  for (const { subject, isSecret, keys, text } of sources) {
    for (const name of keys()) {
      const value = text(name);
      variables.set(name, { value: value === undefined ? undefined : onOneLine(value), from: subject, isSecret });
    }
  }
  const from = "spec.postBuild.substitute";
  for (const [name, value] of Object.entries(spec.postBuild?.substitute ?? {})) {
    variables.set(name, { value: onOneLine(value), from, isSecret: false });
  }
  for (const [name, variable] of variables) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { kind: "rejected", message: misnamed(name, variable) };
  }
  return { kind: "variables", variables };
}

function misnamed(name: string, { from }: Variable): string {
  return `${from} has the key ${JSON.stringify(name)}, which is not a valid variable name (must match [A-Za-z_][A-Za-z0-9_]*)`;
}

/** A line break would make another document of the text that a variable is put into. */
function onOneLine(value: string): string {
  return value.replaceAll("\n", "");
}
