import { Fault, type Resource } from "@leat/api";
import { parseAnswer } from "./json.ts";
import type { Transport } from "./transport.ts";

/** Where a server tells what it serves: the core group, and all others. */
export const servedRoots = ["/api", "/apis"] as const;

/** A resource, and what else it is called. */
export interface Served {
  resource: Resource;
  singular: string;
  shortNames: readonly string[];
}

// Format: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery, v2 since Kubernetes 1.30.
const accept = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

/** What a server says below one root. */
export interface Answer {
  etag: string | undefined;
  served: Served[];
  /** Groups, with a version whose own server does not respond: of that version, nothing or not all is in `served`. */
  unavailable: ReadonlyMap<string, string>;
}

/**
 * Everything below one root, in the server's order: of a group's versions the preferred one first.
 *
 * @param etag of an answer that is there already; `undefined` is given where it still holds
 */
export async function readServed(transport: Transport, root: string, etag?: string): Promise<Answer | undefined> {
  const answer = await transport.send({
    verb: "get",
    resource: "",
    method: "GET",
    path: root,
    headers: etag === undefined ? { accept } : { accept, "if-none-match": etag },
    repeatable: true,
  });
  if (answer.code === 304 && etag !== undefined) return undefined;
  const list = parseAnswer(answer.text, root) as DiscoveryList;
  if (list.kind !== "APIGroupDiscoveryList") {
    throw new Fault(
      "APIServerUnavailable",
      `the API server responds to ${root} with ${list.kind}: Kubernetes 1.30 or newer is required`,
    );
  }
  return { etag: answer.etag, served: servedIn(list), unavailable: unavailableIn(list) };
}

interface DiscoveryList {
  kind: string;
  items: Array<{
    metadata?: { name?: string };
    versions?: DiscoveredVersion[];
  }>;
}

interface DiscoveredVersion {
  version: string;
  /** `Stale` if the server of an aggregated API does not respond. */
  freshness?: string;
  resources?: DiscoveredResource[];
}

/** Subresources are inside of it and have no entry of their own. */
interface DiscoveredResource {
  resource: string;
  singularResource?: string;
  shortNames?: string[];
  responseKind?: { kind?: string };
  scope: "Namespaced" | "Cluster";
}

function servedIn({ items }: DiscoveryList): Served[] {
  return items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.flatMap((discovered) => servedAs(metadata?.name ?? "", version, discovered)),
    ),
  );
}

function unavailableIn({ items }: DiscoveryList): Map<string, string> {
  return new Map(
    items.flatMap(({ metadata, versions = [] }): Array<[string, string]> => {
      const stale = versions.find(({ freshness }) => freshness === "Stale");
      return stale === undefined ? [] : [[metadata?.name ?? "", stale.version]];
    }),
  );
}

function servedAs(
  group: string,
  version: string,
  { resource: plural, singularResource = "", shortNames = [], responseKind, scope }: DiscoveredResource,
): Served[] {
  const kind = responseKind?.kind ?? "";
  if (kind === "") return [];
  const resource = { group, version, kind, plural, namespaced: scope === "Namespaced" };
  return [{ resource, singular: singularResource, shortNames }];
}
