import { Fault, type KubeObject, type Resource } from "@leat/api";
import { ApiError } from "./api-error.ts";
import type { Listed, ListOptions, Selection } from "./kube.ts";
import { parseAnswer } from "./json.ts";
import { apiVersionOf, collectionPath, withQuery } from "./path.ts";
import type { ApiRequest, Transport } from "./transport.ts";

/** Servers that cannot cut an object down, as some aggregated ones, send it whole. */
export const acceptMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const acceptMetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

const mostObjects = 500;
/** Of the first page of whole objects, which may be large. */
const firstObjects = 100;
/** Characters of a page, where the objects are as large as those of the page before: parsing it takes some 50 ms. */
const pageLength = 4 * 1024 * 1024;
// 5 million objects, or 40 GB: more than any etcd holds.
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

interface WireList {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: KubeObject[] | null;
}

async function listPages<Kept>(
  transport: Transport,
  headers: Record<string, string>,
  selection: Selection,
  { limit: first, keep = (object: KubeObject) => object as Kept, ...call }: ListOptions<Kept> & { limit?: number },
): Promise<Listed<Kept>> {
  const { resource } = selection;
  const objects: Kept[] = [];
  let query: PageQuery = { limit: first };
  for (let page = 0; page < mostPages; page += 1) {
    const { text } = await transport.send(pageRequest(headers, selection, query), call);
    const { metadata = {}, items } = parseAnswer(text, `a list of ${resource.plural}`) as WireList;
    for (const item of items ?? []) objects.push(keep(restoreKind(item, resource)));
    if (!metadata.continue) return { objects, resourceVersion: metadata.resourceVersion ?? "" };
    query = { limit: query.limit && nextLimit(query.limit, text.length), continue: metadata.continue };
  }
  throw new Fault("APIServerUnavailable", `the list of ${resource.plural} has more than ${mostPages} pages`);
}

interface PageQuery {
  limit?: number | undefined;
  continue?: string;
}

function pageRequest(headers: Record<string, string>, selection: Selection, page: PageQuery): ApiRequest {
  const { resource, namespace, labelSelector, fieldSelector, metadataOnly = false } = selection;
  return {
    verb: "list",
    resource: resource.plural,
    method: "GET",
    path: withQuery(collectionPath(resource, namespace), { labelSelector, fieldSelector, ...page }),
    headers: metadataOnly ? { ...headers, accept: acceptMetadataList } : headers,
    repeatable: true,
  };
}

function nextLimit(limit: number, length: number): number {
  return Math.min(mostObjects, Math.max(1, Math.floor((limit * pageLength) / length)));
}
