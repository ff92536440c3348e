import { groupOf, type Resource } from "@leat/api";
import { setTimeout as pause } from "node:timers/promises";
import { ApiUnavailable } from "./api-error.ts";
import { type Answer, readServed, type Served, servedRoots } from "./discovery-document.ts";
import type { CallOptions } from "./kube.ts";
import { apiVersionOf } from "./path.ts";
import { resourceNamed } from "./resource-named.ts";
import type { Transport } from "./transport.ts";

/** What a server serves. One for all who speak to it, as it is the same for every user. */
export interface Discovery {
  /**
   * Asks the server again, once a second at most, where the kind is unknown; `undefined` where it stays so.
   *
   * @throws ApiUnavailable if the server of an API of the group does not respond: what it serves is not known then
   */
  resourceOf: (apiVersion: string, kind: string, options?: CallOptions) => Promise<Resource | undefined>;
  /** What a person means by a word. Asks the server each time and remembers nothing. */
  resourceNamed: (word: string, options?: CallOptions) => Promise<Resource | undefined>;
}

const shortestIntervalMs = 1_000;

interface Document {
  etag: string | undefined;
  resources: Map<string, Resource>;
  unavailable: Answer["unavailable"];
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
      return find(key) ?? unknown(known, apiVersion);
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

function unknown({ documents }: Known, apiVersion: string): undefined {
  const group = groupOf(apiVersion);
  for (const { unavailable } of documents.values()) {
    const version = unavailable.get(group);
    if (version !== undefined) throw new ApiUnavailable(group, version);
  }
  return undefined;
}

async function read(transport: Transport, root: string, last: Document | undefined): Promise<Document> {
  const answer = await readServed(transport, root, last?.etag);
  // No answer says that what is there still holds.
  if (answer === undefined) return last as Document;
  const { etag, served, unavailable } = answer;
  return { etag, resources: byKind(served), unavailable };
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
