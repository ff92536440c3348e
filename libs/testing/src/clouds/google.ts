import type { InternetAnswer, InternetRequest } from "../internet.ts";
import { claimsOf } from "./proof.ts";
import { bearerOf, type CloudService, type CloudWorld, lifeSeconds, encrypt } from "./world.ts";

/** The token services, KMS and GKE of Google Cloud. */
export const google: CloudService = (request, world) => {
  switch (request.url.hostname) {
    case "sts.googleapis.com":
      return exchange(request, world);
    case "iamcredentials.googleapis.com":
      return impersonate(request, world);
    case "oauth2.googleapis.com":
      return byAssertion(request, world);
    case "cloudkms.googleapis.com":
      return kms(request, world);
    case "container.googleapis.com":
      return gke(request, world);
    default:
      return undefined;
  }
};

function exchange({ body, url }: InternetRequest, world: CloudWorld): InternetAnswer {
  const form = new URLSearchParams(body);
  const [audience, token] = [form.get("audience") ?? "", form.get("subject_token")];
  // The provider of a cluster of GKE takes tokens for the pool.
  const wanted = /^identitynamespace:([^:]+):https:/.exec(audience)?.[1] ?? audience;
  const claims = claimsOf(token, world.issuers, wanted);
  const isAsked =
    url.pathname === "/v1/token" &&
    form.get("grant_type") === "urn:ietf:params:oauth:grant-type:token-exchange" &&
    form.get("requested_token_type") === "urn:ietf:params:oauth:token-type:access_token" &&
    form.get("subject_token_type") === "urn:ietf:params:oauth:token-type:jwt" &&
    (form.get("scope") ?? "").includes("https://www.googleapis.com/auth/cloud-platform");
  if (claims === undefined || !isAsked) {
    const told = world.repeats ? ` ${token}` : "";
    return { status: 400, body: { error: "invalid_grant", error_description: `ID Token is not valid${told}` } };
  }
  return { body: { access_token: world.issue(String(claims["sub"])), token_type: "Bearer", expires_in: lifeSeconds } };
}

function impersonate(request: InternetRequest, world: CloudWorld): InternetAnswer {
  const subject = bearerOf(request, world);
  const email = /^\/v1\/projects\/-\/serviceAccounts\/([^:]+):generateAccessToken$/.exec(request.url.pathname)?.[1];
  if (email === undefined || subject === undefined || world.trusts.get(email) !== subject) {
    const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource";
    return { status: 403, body: { error: { code: 403, status: "PERMISSION_DENIED", message } } };
  }
  const expireTime = new Date(Date.now() + lifeSeconds * 1000).toISOString();
  return { body: { accessToken: world.issue(email), expireTime } };
}

/** The key of a service account is one of the issuers. */
function byAssertion({ body }: InternetRequest, world: CloudWorld): InternetAnswer {
  const form = new URLSearchParams(body);
  const claims = claimsOf(form.get("assertion"), world.issuers, "https://oauth2.googleapis.com/token");
  const isAsked = form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer";
  if (claims === undefined || !isAsked) return { status: 400, body: { error: "invalid_grant" } };
  return { body: { access_token: world.issue(String(claims["iss"])), expires_in: lifeSeconds } };
}

function kms(request: InternetRequest, world: CloudWorld): InternetAnswer {
  const caller = bearerOf(request, world);
  if (caller === undefined) return error(401, "UNAUTHENTICATED", "invalid credentials");
  if (!world.keyUsers.has(caller)) return error(403, "PERMISSION_DENIED", `${caller} may not use the key`);
  const [, name, action] = /^\/v1\/(projects\/.+):(encrypt|decrypt)$/.exec(request.url.pathname) ?? [];
  const { plaintext = "", ciphertext = "" } = JSON.parse(request.body) as Record<string, string>;
  if (action === "encrypt") {
    return { body: { name, ciphertext: Buffer.from(encrypt(world, plaintext)).toString("base64") } };
  }
  const plain = world.ciphertexts.get(Buffer.from(ciphertext, "base64").toString());
  return plain === undefined ? error(400, "INVALID_ARGUMENT", "decryption failed") : { body: { plaintext: plain } };
}

function gke(request: InternetRequest, world: CloudWorld): InternetAnswer {
  if (bearerOf(request, world) === undefined) return error(401, "UNAUTHENTICATED", "invalid credentials");
  const cluster = world.clusters.get(request.url.pathname.replace("/v1/", ""));
  if (!cluster) return error(404, "NOT_FOUND", "no such cluster");
  const clusterCaCertificate = Buffer.from(cluster.ca).toString("base64");
  return { body: { endpoint: cluster.server.replace("https://", ""), masterAuth: { clusterCaCertificate } } };
}

function error(code: number, status: string, message: string): InternetAnswer {
  return { status: code, body: { error: { code, status, message } } };
}
