import { Fault } from "@leat/api";
import { cloudJson, cloudText } from "./cloud-request.ts";
import type { Cloud, Token } from "./cloud.ts";
import { tokenIn } from "./oauth.ts";

/** The cluster that the controller runs in, where that is one of GKE. */
export interface GkeCluster {
  project: string;
  location: string;
  name: string;
}

const timeoutMs = 5_000;

/** What the metadata server of the node says of the cluster. */
export async function ownCluster(cloud: Cloud, signal: AbortSignal): Promise<GkeCluster> {
  const read = (path: string) => cloudText(cloud.local, { ...question(cloud, path), signal });
  try {
    const [project, location, name] = await Promise.all([
      read("project/project-id"),
      read("instance/attributes/cluster-location"),
      read("instance/attributes/cluster-name"),
    ]);
    return { project, location, name };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const why = `outside GKE, the annotation gcp.auth.fluxcd.io/workload-identity-provider is required: ${cause.message}`;
    throw new Fault(cause.reason, why, { cause });
  }
}

/** A token of the account that the metadata server gives to the controller. */
export async function metadataToken(cloud: Cloud, scopes: string, signal: AbortSignal): Promise<Token> {
  const path = `instance/service-accounts/default/token?${new URLSearchParams({ scopes }).toString()}`;
  return tokenIn(await cloudJson(cloud.local, { ...question(cloud, path), signal }));
}

function question({ env }: Cloud, path: string) {
  const host = env["GCE_METADATA_HOST"] || "metadata.google.internal";
  const url = `http://${host}/computeMetadata/v1/${path}`;
  return { url, headers: { "metadata-flavor": "Google" }, service: "the metadata server of the node", timeoutMs };
}
