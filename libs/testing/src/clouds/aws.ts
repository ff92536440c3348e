import type { InternetAnswer, InternetRequest } from "../internet.ts";
import { signerOf } from "./aws-signature.ts";
import { claimsOf } from "./proof.ts";
import { type CloudService, type CloudWorld, lifeSeconds, encrypt } from "./world.ts";

/** STS, KMS and EKS of AWS. */
export const aws: CloudService = (request, world) => {
  const [, service, region = ""] = /^(sts|kms|eks)\.([a-z0-9-]+)\.amazonaws\.com$/.exec(request.url.hostname) ?? [];
  if (service === "sts") return sts(request, world, region);
  if (service === "kms") return kms(request, world, region);
  if (service === "eks") return eks(request, world, region);
  return undefined;
};

function sts(request: InternetRequest, world: CloudWorld, region: string): InternetAnswer {
  const form = new URLSearchParams(request.body);
  const [action = "", role = "", session = ""] = ["Action", "RoleArn", "RoleSessionName"].map(
    (name) => form.get(name) ?? "",
  );
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) return stsError(400, "ValidationError", `session ${session}`);
  if (action === "AssumeRole") {
    const signer = signerOf(request, { region, service: "sts" }, (id) => world.accessKeys.get(id));
    const caller = signer && world.holders.get(signer);
    if (caller !== undefined && world.trusts.get(role) === caller) return assumed(world, role, action);
    return stsError(403, "AccessDenied", `${caller} is not authorized to perform: sts:AssumeRole`);
  }
  const token = form.get("WebIdentityToken");
  const claims = claimsOf(token, world.issuers, "sts.amazonaws.com");
  const told = world.repeats ? ` ${token}` : "";
  if (claims === undefined) return stsError(400, "InvalidIdentityToken", `Couldn't verify the token${told}`);
  if (world.trusts.get(role) === claims["sub"]) return assumed(world, role, action);
  const message = `Not authorized to perform sts:AssumeRoleWithWebIdentity${told}`;
  return stsError(403, "AccessDenied", message);
}

/** The id of a key is no secret, and tells the role all the same. */
function assumed(world: CloudWorld, role: string, action: string): InternetAnswer {
  const secret = world.issue(role);
  const session = world.issue(role);
  const id = `ASIA${secret.slice(-12).toUpperCase()}`;
  world.holders.set(id, role);
  world.accessKeys.set(id, secret);
  const expiration = new Date(Date.now() + lifeSeconds * 1000).toISOString();
  return {
    body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${secret}</SecretAccessKey>
      <SessionToken>${session}</SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </${action}Result>
</${action}Response>`,
    headers: { "content-type": "text/xml" },
  };
}

function stsError(status: number, code: string, message: string): InternetAnswer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replaceAll("'", "&#39;")}</Message></Error>
  <RequestId>c6104cbe</RequestId>
</ErrorResponse>`;
  return { status, body, headers: { "content-type": "text/xml" } };
}

/** The role that a request is signed for, with the token of its session. */
function callerOf(request: InternetRequest, world: CloudWorld, at: { region: string; service: string }) {
  const role = world.holders.get(signerOf(request, at, (id) => world.accessKeys.get(id)) ?? "");
  const session = request.headers["x-amz-security-token"] ?? "";
  return role !== undefined && world.holders.get(session) === role ? role : undefined;
}

function kms(request: InternetRequest, world: CloudWorld, region: string): InternetAnswer {
  const caller = callerOf(request, world, { region, service: "kms" });
  if (caller === undefined) return { status: 403, body: { __type: "UnrecognizedClientException", message: "who?" } };
  if (!world.keyUsers.has(caller)) {
    return { status: 400, body: { __type: "AccessDeniedException", message: `${caller} may not: kms:Decrypt` } };
  }
  const { KeyId, Plaintext = "", CiphertextBlob = "" } = JSON.parse(request.body) as Record<string, string>;
  if (request.headers["x-amz-target"] === "TrentService.Encrypt") {
    const blob = Buffer.from(encrypt(world, Plaintext)).toString("base64");
    return { body: { KeyId, CiphertextBlob: blob } };
  }
  const plain = world.ciphertexts.get(Buffer.from(CiphertextBlob, "base64").toString());
  if (plain === undefined) return { status: 400, body: { __type: "InvalidCiphertextException" } };
  return { body: { KeyId, Plaintext: plain } };
}

function eks(request: InternetRequest, world: CloudWorld, region: string): InternetAnswer {
  const caller = callerOf(request, world, { region, service: "eks" });
  if (caller === undefined) return { status: 403, body: { message: "The security token is invalid." } };
  const name = request.url.pathname.replace("/clusters/", "");
  const [, cluster] = [...world.clusters].find(([id]) => id.endsWith(`:cluster/${name}`)) ?? [];
  if (!cluster) return { status: 404, body: { message: `No cluster found for name: ${name}.` } };
  const certificateAuthority = { data: Buffer.from(cluster.ca).toString("base64") };
  return { body: { cluster: { name, status: "ACTIVE", endpoint: cluster.server, certificateAuthority } } };
}

/** Whom EKS takes the holder of a token for; `undefined` where the token does not hold. */
export function eksCaller(token: string, clusterName: string, world: CloudWorld): string | undefined {
  const url = URL.parse(Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString());
  const [, region = ""] = /^sts\.([a-z0-9-]+)\.amazonaws\.com$/.exec(url?.hostname ?? "") ?? [];
  if (url === null || !token.startsWith("k8s-aws-v1.") || url.searchParams.get("Action") !== "GetCallerIdentity")
    return undefined;
  const headers = { host: url.host, "x-k8s-aws-id": clusterName };
  const signer = signerOf({ method: "GET", url, headers, body: "" }, { region, service: "sts" }, (id) =>
    world.accessKeys.get(id),
  );
  const role = world.holders.get(signer ?? "");
  const session = world.holders.get(url.searchParams.get("X-Amz-Security-Token") ?? "");
  return role !== undefined && session === role ? role : undefined;
}
