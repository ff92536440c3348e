/**
 * What becomes of built objects before they are applied:
 *
 *   read variables  →  substitute  →  common metadata
 */
import type { Kustomization } from "@leat/api";
import { createBudget } from "@leat/envsubst";
import { type Build, type BuiltObject, withObjects } from "@leat/kustomize";
import { turns } from "@leat/text";
import { withCommonMetadata } from "./common-metadata.ts";
import { mayBeSubstituted, substitute } from "./substitute.ts";
import { type Configs, readVariableSources, type SourcesRead, variablesOf } from "./variables.ts";

type Built = Build & { kind: "built" };

/** The run that the objects are for. */
interface For {
  object: Kustomization;
  run: { signal: AbortSignal };
}

/** Changes a build's objects as the spec says. The same inputs give the very same objects again. */
export type PostBuild = (attempt: For, build: Built) => Promise<Build>;

export interface PostBuildOptions {
  /** Where variables are read; as the controller itself, where it is one that asks. */
  kube: Configs;
  /** Whether a variable that is not set and has no default is an error; else it is empty. */
  isStrict: boolean;
}

/** What was made of a build for one Kustomization. */
interface Remembered {
  inputs: string;
  outcome: Build;
}

export function createPostBuild({ kube, isStrict }: PostBuildOptions): PostBuild {
  const remembered = new WeakMap<Built, Map<string, Remembered>>();
  return async ({ object, run: { signal } }, build) => {
    const { postBuild, commonMetadata } = object.spec;
    if (postBuild === undefined && commonMetadata === undefined) return build;
    const read = await sourcesFor(object, build, { kube, signal });
    if (read.kind === "rejected") return read;
    const inputs = JSON.stringify([postBuild, commonMetadata, read.sources.map(({ version }) => version)]);
    const ofBuild = remembered.getOrInsertComputed(build, () => new Map());
    const owner = `${object.metadata.namespace}/${object.metadata.name}`;
    const last = ofBuild.get(owner);
    if (last?.inputs === inputs) return last.outcome;
    const outcome = await change(build, { object, read, isStrict, signal });
    ofBuild.set(owner, { inputs, outcome });
    return outcome;
  };
}

/** Where no object has variables, nobody has to have them. */
async function sourcesFor(
  object: Kustomization,
  build: Built,
  { kube, signal }: { kube: Configs; signal: AbortSignal },
): Promise<SourcesRead> {
  if (!build.objects.some(mayBeSubstituted)) return { kind: "read", sources: [], isComplete: true };
  return readVariableSources(object, kube, signal);
}

interface Change {
  object: Kustomization;
  read: Extract<SourcesRead, { kind: "read" }>;
  isStrict: boolean;
  signal: AbortSignal;
}

async function change(build: Built, { object, read, isStrict, signal }: Change): Promise<Build> {
  const found = variablesOf(object, read.sources);
  if (found.kind === "rejected") return found;
  const { postBuild, commonMetadata = {} } = object.spec;
  const isWanted = found.variables.size > 0 || !read.isComplete || postBuild?.substituteStrategy === "Always";
  const substitution = { variables: found.variables, unset: unsetIn(read, isStrict) };
  const objects: BuiltObject[] = [];
  const budget = createBudget();
  const turn = turns(signal);
  for (const built of build.objects) {
    const substituted = isWanted
      ? await substitute(built, { ...substitution, budget: budget.forText(), turn })
      : { kind: "object" as const, built };
    if (substituted.kind === "rejected") return substituted;
    objects.push(withCommonMetadata(substituted.built, commonMetadata));
    await turn();
  }
  const isSame = objects.every((one, index) => one === build.objects[index]);
  return isSame ? build : withObjects(build, objects);
}

/** What nobody could read may have set it. */
function unsetIn({ isComplete }: Change["read"], isStrict: boolean): "" | null | undefined {
  if (!isComplete) return null;
  return isStrict ? undefined : "";
}
