import { core, kinds, type ResourceDefinition } from "@leat/api";
import { kubeconfigNames } from "@leat/kube";
import type { ClusterOptions } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { listObjects } from "../cluster/find.ts";
import { families, wordsFor } from "../cluster/kinds.ts";
import { type Cluster, withCluster } from "../cluster/with-cluster.ts";
import type { Candidate } from "./complete.ts";

/** Values of options by their attribute names. */
export type Values = Record<string, string | true>;

/** What is looked up to complete a word; empty where it cannot be had in time. */
export interface Lookup {
  namespaces: (values: Values) => Promise<string[]>;
  objects: (kind: ResourceDefinition, values: Values) => Promise<string[]>;
  kubeconfigNames: (of: "context" | "cluster" | "user", values: Values) => Promise<string[]>;
}

/** Longer than this nobody waits for a word. */
const timeoutMs = 3_000;

export function createLookup(context: Context): Lookup {
  const silent: Context = { ...context, err: { ...context.err, interactive: false } };
  const ask = async (values: Values, work: (cluster: Cluster) => Promise<string[]>) => {
    try {
      return await withCluster(silent, { ...(values as Partial<ClusterOptions>), timeout: timeoutMs }, work);
    } catch {
      // There is no telling in the middle of a word.
      return [];
    }
  };
  return {
    namespaces: (values) =>
      ask(values, async ({ kube, signal }) => {
        const { objects } = await kube.list({ resource: core.Namespace, metadataOnly: true }, { signal });
        return objects.map(({ metadata }) => metadata.name);
      }),
    objects: (kind, values) =>
      ask(values, async (cluster) => {
        const objects = await listObjects(cluster, kind, { metadataOnly: true });
        return objects.map(({ metadata }) => metadata.name);
      }),
    kubeconfigNames: (of, { kubeconfig }) =>
      kubeconfigNames(of, {
        kubeconfig: kubeconfig === true ? undefined : kubeconfig,
        env: context.environment,
      }).catch(() => []),
  };
}

/** Words for kinds, with what they mean; those in common use only. */
export function kindWords(): Candidate[] {
  const words = kinds.flatMap((kind) =>
    wordsFor(kind)
      .filter((word) => !word.includes("."))
      .map((word) => ({ word, meaning: kind.description })),
  );
  const several = [...families].map(([word, members]) => ({
    word,
    meaning: members.map(({ kind }) => kind).join(", "),
  }));
  return [...words, ...several];
}
