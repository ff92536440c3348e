import { Fault, type Resource } from "@leat/api";
import { setTimeout as pause } from "node:timers/promises";
import { parseAnswer } from "./json.ts";
import type { CallOptions } from "./kube.ts";
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
      const key = `${apiVersion}/${kind}`;
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
    verb: "discover",
    resource: "",
    method: "GET",
    path: root,
    headers,
    repeatable: true,
  });
  if (answer.code === 304 && last) return last;
  const list = parseAnswer<DiscoveryList>(answer.text, root);
  if (list.kind !== "APIGroupDiscoveryList") {
    throw new Fault(
      "APIServerUnavailable",
      `the API server answers ${root} with ${list.kind}: Kubernetes 1.30 or newer is needed`,
    );
  }
  return { etag: answer.etag, resources: new Map(resourcesOf(list)) };
}

interface DiscoveryList {
  kind: string;
  items: Array<{
    metadata?: { name?: string };
    versions?: Array<{ version: string; resources?: DiscoveredResource[] }>;
  }>;
}

/** Subresources are inside of it and have no entry of their own. */
interface DiscoveredResource {
  resource: string;
  responseKind?: { kind?: string };
  scope: "Namespaced" | "Cluster";
}

function* resourcesOf({ items }: DiscoveryList): Iterable<[key: string, resource: Resource]> {
  const seen = new Set<string>();
  for (const { metadata, versions = [] } of items) {
    const group = metadata?.name ?? "";
    for (const { version, resources = [] } of versions) {
      for (const { resource: plural, responseKind, scope } of resources) {
        const kind = responseKind?.kind;
        const key = `${group === "" ? version : `${group}/${version}`}/${kind}`;
        if (!kind || seen.has(key)) continue;
        seen.add(key);
        yield [key, { group, version, kind, plural, namespaced: scope === "Namespaced" }];
      }
    }
  }
}
