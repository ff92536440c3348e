import { groupKindOf, isSameKind, type KubeObject } from "@leat/api";
import type { ObjectRef } from "@leat/kube";
import { textAt } from "../terminal/columns.ts";
import { Failure } from "../program/failure.ts";
import { subjectOfRef } from "../cluster/subject.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Applier, applierOf } from "./applier.ts";
import { originOf } from "./origin.ts";
import { type OwnerFound, ownersOf } from "./owners.ts";
import { sourceNameOf } from "./source-of.ts";
import { missingStep, type Step, stepOf } from "./step.ts";

/** Where an object comes from. */
export interface Trace {
  /** Whether who applied it is there and vouches for it. */
  managed: boolean;
  /** Why not. */
  note?: string;
  /** From the object up. */
  steps: Step[];
}

/** All sources are served under this version. */
const sourceApiVersion = "source.toolkit.fluxcd.io/v1";

/** Deeper than anybody nests them. */
const mostAppliers = 20;

/**
 * Follows an object to where it comes from: through its owners to what applied them, and to what applied that, each with
 * its source.
 *
 * @throws Failure where there is no such object
 */
export async function trace(cluster: Cluster, ref: ObjectRef): Promise<Trace> {
  // Nothing of a Secret but its metadata is of interest.
  const { kube, signal } = cluster;
  const object = await kube.get(ref, { signal, metadataOnly: ref.resource.kind === "Secret" });
  if (object === undefined)
    throw new Failure(`${subjectOfRef(ref)} does not exist${ref.namespace ? "; use -n for another namespace" : ""}`);
  const owners = await ownersOf(cluster, object);
  const source = await sourceStep(cluster, object);
  const steps = [stepOf("object", object), ...(source ? [source] : []), ...owners.map(ownerStep)];
  const applier = await firstApplier(cluster, [object, ...owners.flatMap(({ object: owner }) => owner ?? [])]);
  if (applier?.kind !== "found") return { managed: false, note: noteOn(object, applier), steps };
  return { managed: true, steps: await withAppliers(cluster, steps, applier.object) };
}

/** Labels may be copied from an owner to what it owns, so that who lists an object counts more than whom it names. */
async function firstApplier(cluster: Cluster, chain: readonly KubeObject[]): Promise<Applier | undefined> {
  const appliers = await Promise.all(chain.map((object) => applierOf(cluster, object)));
  return appliers.find((applier) => applier?.kind === "found") ?? appliers.find((applier) => applier !== undefined);
}

async function withAppliers(cluster: Cluster, below: readonly Step[], first: KubeObject): Promise<Step[]> {
  const steps = [...below];
  let applier: KubeObject | undefined = first;
  for (let count = 0; applier !== undefined && count < mostAppliers; count++) {
    const step = stepOf("applier", applier, applierDetails(applier));
    // It may have applied itself.
    if (steps.some((earlier) => isSame(earlier, step))) break;
    steps.push(step);
    const source = await sourceStep(cluster, applier);
    if (source !== undefined && !steps.some((earlier) => isSame(earlier, source))) steps.push(source);
    const next: Applier | undefined = await applierOf(cluster, applier);
    applier = next?.kind === "found" ? next.object : undefined;
  }
  return steps;
}

async function sourceStep(cluster: Cluster, object: KubeObject): Promise<Step | undefined> {
  const named = sourceNameOf(object);
  if (named === undefined) return undefined;
  const { kube, signal } = cluster;
  const resource = await kube.resourceOf(sourceApiVersion, named.kind, { signal });
  const source = resource && (await kube.get({ ...named, resource }, { signal }));
  if (source === undefined) return missingStep("source", { ...named, apiVersion: sourceApiVersion });
  const followed = ["branch", "tag", "semver", "name", "commit", "digest"].map((key): [string, string] => [
    key,
    textAt(source, "spec", "ref", key),
  ]);
  return stepOf("source", source, [
    ["url", textAt(source, "spec", "url") || textAt(source, "spec", "endpoint")],
    ["bucket", textAt(source, "spec", "bucketName")],
    ...followed,
    ...(await originOf(cluster, source)),
  ]);
}

function applierDetails(object: KubeObject): Array<[label: string, value: string]> {
  const applied = textAt(object, "status", "lastAppliedRevision");
  const attempted = textAt(object, "status", "lastAttemptedRevision");
  return [
    ["path", textAt(object, "spec", "path")],
    ["chart", textAt(object, "status", "history", "0", "chartName")],
    ["version", textAt(object, "status", "history", "0", "chartVersion")],
    ["applied", applied],
    ["origin", textAt(object, "status", "lastAppliedOriginRevision")],
    ["attempted", attempted === applied ? "" : attempted],
  ];
}

function ownerStep({ reference, namespace, object }: OwnerFound): Step {
  return object === undefined ? missingStep("owner", { ...reference, namespace }) : stepOf("owner", object);
}

function isSame(one: Step, other: Step): boolean {
  return (
    isSameKind(groupKindOf(one), groupKindOf(other)) && one.namespace === other.namespace && one.name === other.name
  );
}

function noteOn({ metadata }: KubeObject, applier: Applier | undefined): string {
  switch (applier?.kind) {
    case "missing":
      return `its labels refer to ${applier.applier}, which does not exist in this cluster`;
    case "unlisted":
      return `its labels refer to ${applier.applier}, whose inventory does not contain it`;
    case "found":
    case undefined: {
      const release = metadata.annotations?.["meta.helm.sh/release-name"];
      return release === undefined
        ? "neither the object nor its owners were applied by a Kustomization or HelmRelease"
        : `it was installed by Helm release ${release}, without a HelmRelease`;
    }
  }
}
