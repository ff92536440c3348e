import { Fault, Reason } from "@leat/api";
import { elementIn, formBody } from "@leat/http";
import { awsEndpoint } from "./aws-endpoint.ts";
import { type AwsCredentials, signed } from "./aws-signature.ts";
import { cloudText } from "./cloud-request.ts";
import type { Cloud } from "./cloud.ts";

const version = "2011-06-15";
const service = "STS";

/** AWS takes no longer name of a session. */
const maxSessionName = 64;

interface Assumption {
  region: string;
  /** ARN. */
  role: string;
  /** Name of the session, as the logs of AWS have it. */
  session: string;
}

/** Credentials of a role, for a token that somebody has made whom the role trusts. */
export async function assumeRoleByToken(
  { http, env }: Pick<Cloud, "http" | "env">,
  { region, token, ...assumption }: Assumption & { token: string },
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const url = `${awsEndpoint("sts", region, env)}/`;
  const fields = { ...fieldsOf("AssumeRoleWithWebIdentity", assumption), WebIdentityToken: token };
  return credentialsIn(
    await cloudText(http, { method: "POST", url, ...formBody(fields), service, secrets: [token], signal }),
  );
}

/** Credentials of a role, for those of somebody whom the role trusts. */
export async function assumeRole(
  { http, env }: Pick<Cloud, "http" | "env">,
  { region, credentials, ...assumption }: Assumption & { credentials: AwsCredentials },
  signal: AbortSignal,
): Promise<AwsCredentials> {
  const url = `${awsEndpoint("sts", region, env)}/`;
  const { headers, body } = formBody(fieldsOf("AssumeRole", assumption));
  const request = { method: "POST", url, headers, body } as const;
  const { secretAccessKey, sessionToken = "" } = credentials;
  return credentialsIn(
    await cloudText(http, {
      ...request,
      headers: await signed({ ...request, region, service: "sts" }, credentials),
      service,
      secrets: [secretAccessKey, sessionToken],
      signal,
    }),
  );
}

function fieldsOf(action: string, { role, session }: Pick<Assumption, "role" | "session">): Record<string, string> {
  return { Action: action, Version: version, RoleArn: role, RoleSessionName: session.slice(0, maxSessionName) };
}

function credentialsIn(xml: string): AwsCredentials {
  const [accessKeyId = "", secretAccessKey = "", sessionToken = "", ends = ""] = [
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
  ].map((name) => elementIn(xml, name));
  return endingCredentials({ accessKeyId, secretAccessKey, sessionToken }, ends);
}

/** @throws Fault where a part is missing */
export function endingCredentials(keys: AwsCredentials, ends: string): AwsCredentials {
  const expiresAt = new Date(ends);
  if (keys.accessKeyId === "" || keys.secretAccessKey === "" || Number.isNaN(expiresAt.getTime())) {
    throw new Fault(Reason.AuthenticationFailed, "AWS returned no credentials");
  }
  return { ...keys, expiresAt };
}
