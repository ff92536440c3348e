import { type Account, annotationIn, type Claim } from "./claim.ts";
import type { Cloud, Token } from "./cloud.ts";
import { exchangedToken, impersonationUrlOf } from "./gcp-token.ts";
import { ownCluster } from "./gke-metadata.ts";

export const emailAnnotation = "iam.gke.io/gcp-service-account";
export const providerAnnotation = "gcp.auth.fluxcd.io/workload-identity-provider";

const accountEmail = /^[a-zA-Z0-9-]{1,100}@[a-zA-Z0-9-]{1,100}\.iam\.gserviceaccount\.com$/;
const providerName =
  /^projects\/\d{1,30}\/locations\/global\/workloadIdentityPools\/[^/]{1,100}\/providers\/[^/]{1,100}$/;

/** A principal of a workload identity pool, or a service account of Google's that this may act as. */
export function gcpClaim(cloud: Cloud, account: Account): Claim<Token> {
  const email = annotationIn(account, emailAnnotation, accountEmail);
  const provider = annotationIn(account, providerAnnotation, providerName);
  const url = email === undefined ? undefined : impersonationUrlOf(email, cloud.env);
  return {
    parts: ["gcp", provider, email],
    audiences: async (signal) => [(await federationOf(cloud, provider, signal)).proof],
    exchange: async (subjectToken, signal) => {
      const { audience } = await federationOf(cloud, provider, signal);
      return exchangedToken(cloud, { audience, subjectToken, impersonationUrl: url }, signal);
    },
  };
}

/** Whom the proof is for, and by which provider it is to be judged. */
interface Federation {
  proof: string;
  audience: string;
}

/** Where no provider is named it is that of the cluster, which is then one of GKE. */
async function federationOf(cloud: Cloud, provider: string | undefined, signal: AbortSignal): Promise<Federation> {
  if (provider !== undefined) {
    const audience = `//iam.googleapis.com/${provider}`;
    return { proof: audience, audience };
  }
  const { project, location, name } = await ownCluster(cloud, signal);
  const pool = `${project}.svc.id.goog`;
  const cluster = `https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`;
  return { proof: pool, audience: `identitynamespace:${pool}:${cluster}` };
}
