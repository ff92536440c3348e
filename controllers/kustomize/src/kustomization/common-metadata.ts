import type { CommonMetadata, KubeObject } from "@leat/api";
import { type BuiltObject, builtObject } from "@leat/kustomize";

type Entries = Readonly<Record<string, string>>;

/** The object with the labels and annotations on it, which win over its own; the very same where it has them already. */
export function withCommonMetadata(built: BuiltObject, { labels = {}, annotations = {} }: CommonMetadata): BuiltObject {
  const { object, digest: _, ...rest } = built;
  const { metadata } = object;
  if (holds(metadata.labels, labels) && holds(metadata.annotations, annotations)) return built;
  const changed: KubeObject["metadata"] = { ...metadata };
  if (!isEmpty(labels)) changed.labels = { ...metadata.labels, ...labels };
  if (!isEmpty(annotations)) changed.annotations = { ...metadata.annotations, ...annotations };
  return builtObject({ ...object, metadata: changed }, rest);
}

function holds(own: Entries | undefined, wanted: Entries): boolean {
  return Object.entries(wanted).every(([key, value]) => own?.[key] === value);
}

function isEmpty(entries: Entries): boolean {
  return Object.keys(entries).length === 0;
}
