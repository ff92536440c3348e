import { withoutTrailing } from "@leat/text";
import { cloudJson } from "./cloud-request.ts";
import type { Cloud, Token } from "./cloud.ts";
import { assertionType, grantedToken, tokenIn } from "./oauth.ts";
import { readToken } from "./token-file.ts";

const publicAuthority = "https://login.microsoftonline.com";

export interface Application {
  tenant: string;
  client: string;
}

/** A token of an application, for a token that somebody has made whom the application trusts. */
export async function azureTokenFor(
  cloud: Pick<Cloud, "http" | "env">,
  { tenant, client, scope, proof }: Application & { scope: string; proof: string },
  signal: AbortSignal,
): Promise<Token> {
  const fields = { client_assertion_type: assertionType, client_assertion: proof };
  return granted(cloud, { tenant, client, scope, fields, secret: proof }, signal);
}

/**
 * The controller's own token at Azure, from the first of these that is there: a client secret in the environment, the token
 * of workload identity, the managed identity of the node.
 */
export async function ownAzureToken(cloud: Cloud, scope: string, signal: AbortSignal): Promise<Token> {
  const { AZURE_CLIENT_ID: client, AZURE_TENANT_ID: tenant } = cloud.env;
  const { AZURE_CLIENT_SECRET: secret, AZURE_FEDERATED_TOKEN_FILE: tokenFile } = cloud.env;
  if (client && tenant && secret) {
    const fields = { client_secret: secret };
    return granted(cloud, { tenant, client, scope, fields, secret }, signal);
  }
  if (client && tenant && tokenFile) {
    const proof = await readToken(tokenFile, "AZURE_FEDERATED_TOKEN_FILE");
    return azureTokenFor(cloud, { tenant, client, scope, proof }, signal);
  }
  return managedIdentity(cloud, { client, scope }, signal);
}

interface Asked extends Application {
  scope: string;
  fields: Record<string, string>;
  secret: string;
}

async function granted(
  { http, env }: Pick<Cloud, "http" | "env">,
  { tenant, client, scope, fields, secret }: Asked,
  signal: AbortSignal,
): Promise<Token> {
  const authority = withoutTrailing(env["AZURE_AUTHORITY_HOST"] || publicAuthority, "/");
  return grantedToken(http, {
    url: `${authority}/${tenant}/oauth2/v2.0/token`,
    fields: { grant_type: "client_credentials", client_id: client, scope, ...fields },
    service: "Microsoft Entra ID",
    secrets: [secret],
    signal,
  });
}

// Outside of Azure nobody answers at all.
const nodeTimeoutMs = 2_000;

async function managedIdentity(
  { local, env }: Cloud,
  { client, scope }: { client: string | undefined; scope: string },
  signal: AbortSignal,
): Promise<Token> {
  const base = withoutTrailing(env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] || "http://169.254.169.254", "/");
  const query = new URLSearchParams({ "api-version": "2018-02-01", resource: scope.replace(/\/\.default$/, "") });
  if (client) query.set("client_id", client);
  const url = `${base}/metadata/identity/oauth2/token?${query.toString()}`;
  const question = { url, headers: { metadata: "true" }, service: "the metadata service of the node" };
  return tokenIn(await cloudJson(local, { ...question, timeoutMs: nodeTimeoutMs, signal }));
}
