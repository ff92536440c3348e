import { Fault, Reason } from "@leat/api";
import { textOf } from "@leat/http";
import { withoutTrailing } from "@leat/text";
import { assumeRoleByToken, endingCredentials } from "./aws-sts.ts";
import type { AwsCredentials } from "./aws-signature.ts";
import { cloudJson, cloudText } from "./cloud-request.ts";
import type { Cloud } from "./cloud.ts";
import { readToken } from "./token-file.ts";

/**
 * The controller's own credentials at AWS, from the first of these that is there: keys in the environment, the token of a
 * role for service accounts, what EKS Pod Identity gives, the role of the node.
 */
export async function ownAwsCredentials(cloud: Cloud, region: string, signal: AbortSignal): Promise<AwsCredentials> {
  const { env } = cloud;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] || undefined };
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role } = env;
  if (tokenFile && role) {
    const token = await readToken(tokenFile, "AWS_WEB_IDENTITY_TOKEN_FILE");
    return assumeRoleByToken(cloud, { region, role, session: env["AWS_ROLE_SESSION_NAME"] || "leat", token }, signal);
  }
  const container = containerAddress(cloud);
  if (container !== undefined) return ofContainer(cloud, container, signal);
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() !== "true") return ofNode(cloud, signal);
  throw new Fault(
    Reason.AuthenticationFailed,
    "it has none: set up EKS Pod Identity or IAM roles for service accounts, and restart the pod",
  );
}

function containerAddress({ env }: Cloud): string | undefined {
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative } = env;
  return full || (relative ? `http://169.254.170.2${relative}` : undefined);
}

async function ofContainer({ local, env }: Cloud, url: string, signal: AbortSignal): Promise<AwsCredentials> {
  const variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const file = env[variable];
  const token = file ? await readToken(file, variable) : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  const headers: Record<string, string> = token ? { authorization: token } : {};
  return credentialsIn(
    await cloudJson(local, { url, headers, service: "the pod identity agent", secrets: [token ?? ""], signal }),
  );
}

// Outside of AWS nobody answers at all.
const nodeTimeoutMs = 2_000;
const nodeSessionSeconds = "300";

/** By the second version of the instance metadata service. */
async function ofNode({ local, env }: Cloud, signal: AbortSignal): Promise<AwsCredentials> {
  const base = withoutTrailing(env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254", "/");
  const common = { service: "the metadata service of the node", timeoutMs: nodeTimeoutMs, signal };
  const token = await cloudText(local, {
    ...common,
    method: "PUT",
    url: `${base}/latest/api/token`,
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": nodeSessionSeconds },
  });
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = `${base}/latest/meta-data/iam/security-credentials/`;
  const [role = ""] = (await cloudText(local, { ...common, url: roles, headers })).split("\n");
  return credentialsIn(await cloudJson(local, { ...common, url: roles + encodeURIComponent(role.trim()), headers }));
}

function credentialsIn(fields: Readonly<Record<string, unknown>>): AwsCredentials {
  const keys = {
    accessKeyId: textOf(fields["AccessKeyId"]),
    secretAccessKey: textOf(fields["SecretAccessKey"]),
    sessionToken: textOf(fields["Token"]),
  };
  return endingCredentials(keys, textOf(fields["Expiration"]));
}
