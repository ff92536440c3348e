import { type Artifact, core, eventMetadataKey, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Cluster } from "../cluster/with-cluster.ts";

/** What is known of where a source's artifact came from: label and value, in the order to tell it. */
export async function originOf(cluster: Cluster, source: KubeObject): Promise<Array<[label: string, value: string]>> {
  const { artifact } = (source["status"] ?? {}) as { artifact?: Partial<Artifact> };
  if (artifact?.revision === undefined) return [];
  const commit = await commitSubject(cluster, source, artifact.revision);
  return [
    ["revision", artifact.revision],
    ...(commit === undefined ? [] : [["commit", commit] as [string, string]]),
    ...Object.entries(artifact.metadata ?? {}).map(([key, value]): [string, string] => [originLabel(key), value]),
  ];
}

/** `org.opencontainers.image.source` → `origin source` */
function originLabel(key: string): string {
  return key.startsWith("org.opencontainers.image.") ? `origin ${key.slice("org.opencontainers.image.".length)}` : key;
}

/** First line of the commit's message: the source's event about the revision has it, for as long as events are kept. */
async function commitSubject(
  { kube, signal }: Cluster,
  { apiVersion, kind, metadata }: KubeObject,
  revision: string,
): Promise<string | undefined> {
  const { name, namespace } = metadata;
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  try {
    const { objects } = await kube.list({ resource: core.Event, namespace, fieldSelector }, { signal });
    const key = eventMetadataKey(apiVersion.split("/")[0] ?? "", "revision");
    const messages = objects
      .filter((event) => event.metadata.annotations?.[key] === revision)
      .map((event) => /for commit '(.*)'$/s.exec(String(event["message"]))?.[1]);
    return messages.findLast((subject) => subject !== undefined);
  } catch (error) {
    // Who may not read events is told the rest.
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}
