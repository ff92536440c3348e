import { Fault, type Resource } from "@leat/api";
import { setTimeout as pause } from "node:timers/promises";
import { parseAnswer } from "./json.ts";
import type { CallOptions } from "./kube.ts";
import { apiVersionOf } from "./path.ts";
import type { Transport } from "./transport.ts";

/** What a server serves. One for all who speak to it, as it is the same for every user. */
export interface Discovery {
  /** Asks the server again, once a second at most, where the kind is unknown; `undefined` where it stays so. */
  resourceOf: (apiVersion: string, kind: string, options?: CallOptions) => Promise<Resource | undefined>;
}

// Format: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery, v2 since Kubernetes 1.30.
const accept = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");
const roots = ["/api", "/apis"] as const;
const shortestIntervalMs = 1_000;

interface Document {
  etag: string | undefined;
  resources: Map<string, Resource>;
}

interface Known {
  documents: Map<string, Document>;
  askedAt: number;
}

export function createDiscovery(transport: Transport): Discovery {
  let known: Known = { documents: new Map(), askedAt: Number.NEGATIVE_INFINITY };
  let asking: Promise<void> | undefined;

  // Shared by all who wait, so that no single caller's signal or limit ends it.
  const ask = async () => {
    try {
      await pause(Math.max(0, known.askedAt + shortestIntervalMs - performance.now()));
      const askedAt = performance.now();
      const documents = await Promise.all(
        roots.map(async (root) => [root, await read(transport, root, known.documents.get(root))] as const),
      );
      known = { documents: new Map(documents), askedAt };
    } finally {
      asking = undefined;
    }
  };
  const find = (key: string) => {
    for (const { resources } of known.documents.values()) {
      const resource = resources.get(key);
      if (resource) return resource;
    }
    return undefined;
  };
  return {
    resourceOf: async (apiVersion, kind, { signal } = {}) => {
      const key = keyOf(apiVersion, kind);
      const found = find(key);
      if (found) return found;
      signal?.throwIfAborted();
      // An answer under way may have been given before the kind was there, but then it is at most a moment old.
      asking ??= ask();
      await asking;
      signal?.throwIfAborted();
      return find(key);
    },
  };
}

async function read(transport: Transport, root: string, last: Document | undefined): Promise<Document> {
  const headers = last?.etag === undefined ? { accept } : { accept, "if-none-match": last.etag };
  const answer = await transport.send({
    verb: "get",
    resource: "",
    method: "GET",
    path: root,
    headers,
    repeatable: true,
  });
  if (answer.code === 304 && last) return last;
  const list = parseAnswer(answer.text, root) as DiscoveryList;
  if (list.kind !== "APIGroupDiscoveryList") {
    throw new Fault(
      "APIServerUnavailable",
      `the API server answers ${root} with ${list.kind}: Kubernetes 1.30 or newer is needed`,
    );
  }
  return { etag: answer.etag, resources: resourcesOf(list) };
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
  resources?: DiscoveredResource[];
}

/** Subresources are inside of it and have no entry of their own. */
interface DiscoveredResource {
  resource: string;
  responseKind?: { kind?: string };
  scope: "Namespaced" | "Cluster";
}

function resourcesOf({ items }: DiscoveryList): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const { metadata, versions = [] } of items) {
    for (const served of versions) addVersion(resources, metadata?.name ?? "", served);
  }
  return resources;
}

function addVersion(into: Map<string, Resource>, group: string, { version, resources = [] }: DiscoveredVersion): void {
  for (const { resource: plural, responseKind, scope } of resources) {
    const kind = responseKind?.kind ?? "";
    const resource = { group, version, kind, plural, namespaced: scope === "Namespaced" };
    const key = keyOf(apiVersionOf(resource), kind);
    // The first of several resources with one kind is the one to keep such objects in.
    if (kind !== "" && !into.has(key)) into.set(key, resource);
  }
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion}/${kind}`;
}
