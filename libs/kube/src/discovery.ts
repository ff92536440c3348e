import type { Resource } from "@leat/api";
import { setTimeout as pause } from "node:timers/promises";
import { readServed, type Served, servedRoots } from "./discovery-document.ts";
import type { CallOptions } from "./kube.ts";
import { apiVersionOf } from "./path.ts";
import { resourceNamed } from "./resource-named.ts";
import type { Transport } from "./transport.ts";

/** What a server serves. One for all who speak to it, as it is the same for every user. */
export interface Discovery {
  /** Asks the server again, once a second at most, where the kind is unknown; `undefined` where it stays so. */
  resourceOf: (apiVersion: string, kind: string, options?: CallOptions) => Promise<Resource | undefined>;
  /** What a person means by a word. Asks the server each time and remembers nothing. */
  resourceNamed: (word: string, options?: CallOptions) => Promise<Resource | undefined>;
}

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
        servedRoots.map(async (root) => [root, await read(transport, root, known.documents.get(root))] as const),
      );
      known = { documents: new Map(documents), askedAt };
    } finally {
      asking = undefined;
    }
  };
  const find = (key: string) =>
    known.documents
      .values()
      .map(({ resources }) => resources.get(key))
      .find((resource) => resource !== undefined);
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
    resourceNamed: async (word, { signal } = {}) => {
      signal?.throwIfAborted();
      const answers = await Promise.all(servedRoots.map((root) => readServed(transport, root)));
      signal?.throwIfAborted();
      const served = answers.flatMap((answer) => answer?.served ?? []);
      return resourceNamed(served, word);
    },
  };
}

async function read(transport: Transport, root: string, last: Document | undefined): Promise<Document> {
  const answer = await readServed(transport, root, last?.etag);
  // No answer says that what is there still holds.
  return answer === undefined ? (last as Document) : { etag: answer.etag, resources: byKind(answer.served) };
}

function byKind(served: readonly Served[]): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const { resource } of served) {
    const key = keyOf(apiVersionOf(resource), resource.kind);
    // The first of several resources with one kind is the one to keep such objects in.
    if (!resources.has(key)) resources.set(key, resource);
  }
  return resources;
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion}/${kind}`;
}
