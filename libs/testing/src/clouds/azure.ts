import type { InternetAnswer, InternetRequest } from "../internet.ts";
import { claimsOf } from "./proof.ts";
import { bearerOf, type CloudService, type CloudWorld, lifeSeconds, encrypt } from "./world.ts";

const login = "login.microsoftonline.com";

/** Entra ID, Key Vault and the resource manager of Azure. */
export const azure: CloudService = (request, world) => {
  const { hostname } = request.url;
  if (hostname === login) return entra(request, world);
  if (hostname.endsWith(".vault.azure.net")) return keyVault(request, world);
  return hostname === "management.azure.com" ? manager(request, world) : undefined;
};

function entra(request: InternetRequest, world: CloudWorld): InternetAnswer {
  const [, tenant = "", endpoint] = /^\/([^/]+)\/(.+)$/.exec(request.url.pathname) ?? [];
  if (endpoint !== "oauth2/v2.0/token") return discovered(tenant, endpoint);
  const form = new URLSearchParams(request.body);
  const client = `${tenant}/${form.get("client_id")}`;
  const proof = form.get("client_assertion");
  const claims = claimsOf(proof, world.issuers, "api://AzureADTokenExchange");
  const isSecret = world.holders.get(form.get("client_secret") ?? "") === client;
  const isTrusted = claims !== undefined && world.trusts.get(client) === claims["sub"];
  if (isSecret || isTrusted) {
    const scope = form.get("scope")?.split(" ")[0] ?? "";
    return { body: { token_type: "Bearer", expires_in: lifeSeconds, access_token: world.issue(`${client} ${scope}`) } };
  }
  const told = world.repeats ? ` ${proof}` : "";
  const error_description = `AADSTS700213: No matching federated identity record found for the assertion${told}`;
  return { status: 401, body: { error: "invalid_client", error_description, error_codes: [700213] } };
}

/** What the libraries of Azure ask for before they ask for a token. */
function discovered(tenant: string, endpoint: string | undefined): InternetAnswer {
  const tokens = `https://${login}/${tenant}`;
  if (endpoint?.startsWith("discovery/instance") === true) {
    const tenant_discovery_endpoint = `${tokens}/v2.0/.well-known/openid-configuration`;
    const aliases = [login, "login.windows.net"];
    const metadata = [{ preferred_network: login, preferred_cache: login, aliases }];
    return { body: { tenant_discovery_endpoint, "api-version": "1.1", metadata } };
  }
  return {
    body: {
      issuer: `${tokens}/v2.0`,
      authorization_endpoint: `${tokens}/oauth2/v2.0/authorize`,
      token_endpoint: `${tokens}/oauth2/v2.0/token`,
    },
  };
}

/** Who shows a token for this resource. */
function callerOf(request: InternetRequest, world: CloudWorld, resource: string): string | undefined {
  const [client, scope] = bearerOf(request, world)?.split(" ") ?? [];
  return scope === `${resource}/.default` ? client : undefined;
}

function keyVault(request: InternetRequest, world: CloudWorld): InternetAnswer {
  const caller = callerOf(request, world, "https://vault.azure.net");
  if (caller === undefined) {
    const challenge = `Bearer authorization="https://${login}/tenant", resource="https://vault.azure.net"`;
    return { status: 401, headers: { "www-authenticate": challenge }, body: error("Unauthorized", "AKV10000") };
  }
  if (!world.keyUsers.has(caller)) return { status: 403, body: error("Forbidden", `${caller} may not decrypt`) };
  const [, name, action] = /^\/keys\/([^/]+\/[^/]+)\/(encrypt|decrypt)$/.exec(request.url.pathname) ?? [];
  const { value = "" } = JSON.parse(request.body) as Record<string, string>;
  const kid = `https://${request.url.hostname}/keys/${name}`;
  if (action === "encrypt") return { body: { kid, value: Buffer.from(encrypt(world, value)).toString("base64url") } };
  const plain = world.ciphertexts.get(Buffer.from(value, "base64url").toString());
  return plain === undefined ? { status: 400, body: error("BadParameter", "no") } : { body: { kid, value: plain } };
}

function manager(request: InternetRequest, world: CloudWorld): InternetAnswer {
  if (callerOf(request, world, "https://management.azure.com") === undefined) {
    return { status: 401, body: { error: { code: "AuthenticationFailed", message: "Authentication failed." } } };
  }
  const [id = "", action] = request.url.pathname.split("/listClusterUserCredential");
  const cluster = world.clusters.get(id);
  if (!cluster || !request.url.searchParams.has("api-version")) {
    return { status: 404, body: { error: { code: "ResourceNotFound", message: "The resource was not found." } } };
  }
  if (action === undefined) return { body: { id, properties: { aadProfile: { managed: true } } } };
  const entry = { server: cluster.server, "certificate-authority-data": Buffer.from(cluster.ca).toString("base64") };
  const kubeconfig = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [{ name: "aks", cluster: entry }] });
  return { body: { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] } };
}

function error(code: string, message: string): object {
  return { error: { code, message } };
}
