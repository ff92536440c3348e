import { GitRepository, groupKindOf, type KubeObject } from "@leat/api";
import { definitionOf, type Reference, sourceOf } from "../cluster/kinds.ts";

interface Written {
  kind: string;
  name: string;
  namespace?: string;
}

/** Where what an object applies comes from; `undefined` where it names nothing. */
export function sourceNameOf(object: KubeObject): Reference | undefined {
  const known = definitionOf(groupKindOf(object));
  return known === undefined ? chartSourceOf(object) : sourceOf(known, object);
}

/** What is installed from a chart names the chart itself, or where the chart is taken from. */
function chartSourceOf({ spec, metadata }: KubeObject): Reference | undefined {
  const { chartRef, chart } = (spec ?? {}) as { chartRef?: Written; chart?: { spec?: { sourceRef?: Written } } };
  const written = chartRef ?? chart?.spec?.sourceRef;
  return (
    written && { ...written, group: GitRepository.group, namespace: written.namespace ?? metadata.namespace ?? "" }
  );
}
