import { Fault, type KubeObject, type Resource } from "@leat/api";
import { ApiError } from "./api-error.ts";
import type { Listed, ListOptions, Selection } from "./kube.ts";
import { parseAnswer } from "./json.ts";
import { apiVersionOf, collectionPath, withQuery } from "./path.ts";
import type { Transport } from "./transport.ts";

/** Servers that cannot cut an object down, as some aggregated ones, send it whole. */
export const acceptMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const acceptMetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

const mostObjects = 500;
/** Of the first page of whole objects, which may be large. */
const firstObjects = 100;
/** Characters of a page, where the objects are as large as those of the page before: parsing it takes some 50 ms. */
const pageLength = 4 * 1024 * 1024;
// 5 million objects: more than any etcd holds.
const mostPages = 10_000;

/** Reads page after page; where the list changes too much meanwhile (410), it begins again, without pages the second time. */
export async function list<Kept>(
  transport: Transport,
  headers: Record<string, string>,
  selection: Selection,
  options: ListOptions<Kept> = {},
): Promise<Listed<Kept>> {
  try {
    return await listPages(transport, headers, selection, {
      ...options,
      limit: selection.metadataOnly ? mostObjects : firstObjects,
    });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 410)) throw error;
    return listPages(transport, headers, selection, options);
  }
}

/** Items of lists lack apiVersion and kind, and those cut down to metadata have the wrong ones. */
export function restoreKind(object: KubeObject, resource: Resource): KubeObject {
  const { apiVersion: _, kind: __, ...rest } = object;
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...rest };
}

function nextLimit(limit: number, length: number): number {
  return Math.min(mostObjects, Math.max(1, Math.floor((limit * pageLength) / length)));
}

interface WireList {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: KubeObject[] | null;
}

async function listPages<Kept>(
  transport: Transport,
  headers: Record<string, string>,
  selection: Selection,
  options: ListOptions<Kept> & { limit?: number },
): Promise<Listed<Kept>> {
  const { resource, namespace, labelSelector, fieldSelector, metadataOnly = false } = selection;
  let { limit } = options;
  const { limit: _first, keep = (object: KubeObject) => object as Kept, ...call } = options;
  const path = collectionPath(resource, namespace);
  const accept = metadataOnly ? { ...headers, accept: acceptMetadataList } : headers;
  const objects: Kept[] = [];
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { labelSelector, fieldSelector, limit, continue: next };
    const answer = await transport.send(
      {
        verb: "list",
        resource: resource.plural,
        method: "GET",
        path: withQuery(path, query),
        headers: accept,
        repeatable: true,
      },
      call,
    );
    const { metadata, items } = parseAnswer(answer.text, `a list of ${resource.plural}`) as WireList;
    for (const item of items ?? []) objects.push(keep(restoreKind(item, resource)));
    next = metadata?.continue || undefined;
    limit = limit && nextLimit(limit, answer.text.length);
    if (next === undefined) return { objects, resourceVersion: metadata?.resourceVersion ?? "" };
  }
  throw new Fault("APIServerUnavailable", `the list of ${resource.plural} has more than ${mostPages} pages`);
}
