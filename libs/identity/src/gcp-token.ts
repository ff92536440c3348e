import { Fault, Reason } from "@leat/api";
import { textOf } from "@leat/http";
import { cloudJson } from "./cloud-request.ts";
import type { Cloud, Token } from "./cloud.ts";
import { grantedToken } from "./oauth.ts";

export const gcpScopes = [
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/userinfo.email",
];

/** A token of somebody outside of Google that is exchanged for one of Google's. */
export interface Exchange {
  audience: string;
  subjectToken: string;
  /** JSON web token where it is absent. */
  subjectTokenType?: string | undefined;
  /** Google's own address where it is absent. */
  tokenUrl?: string | undefined;
  /** Where a token of a service account of Google's is asked for with the one that was exchanged; none where it is absent. */
  impersonationUrl?: string | undefined;
}

const tokenType = "urn:ietf:params:oauth:token-type";

/** @throws Fault where Google gives no token */
export async function exchangedToken(
  { http, env }: Pick<Cloud, "http" | "env">,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Token> {
  const { audience, subjectToken, subjectTokenType = `${tokenType}:jwt`, impersonationUrl } = exchange;
  const scopes = impersonationUrl === undefined ? gcpScopes : gcpScopes.slice(0, 1);
  const federated = await grantedToken(http, {
    url: exchange.tokenUrl ?? `https://sts.${universeOf(env)}/v1/token`,
    fields: {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      audience,
      scope: scopes.join(" "),
      requested_token_type: `${tokenType}:access_token`,
      subject_token: subjectToken,
      subject_token_type: subjectTokenType,
    },
    service: "the security token service",
    secrets: [subjectToken],
    signal,
  });
  if (impersonationUrl === undefined) return federated;
  const answer = await cloudJson(http, {
    method: "POST",
    url: impersonationUrl,
    headers: { "content-type": "application/json", authorization: `Bearer ${federated.token}` },
    body: JSON.stringify({ lifetime: "3600s", scope: gcpScopes }),
    service: "the IAM credentials service",
    secrets: [federated.token],
    signal,
  });
  const [token, expiresAt] = [textOf(answer["accessToken"]), new Date(textOf(answer["expireTime"]))];
  if (token === "" || Number.isNaN(expiresAt.getTime())) {
    throw new Fault(Reason.AuthenticationFailed, "Google Cloud returned no token");
  }
  return { token, expiresAt };
}

/** Where a token of this service account is given. */
export function impersonationUrlOf(email: string, env: Cloud["env"]): string {
  return `https://iamcredentials.${universeOf(env)}/v1/projects/-/serviceAccounts/${email}:generateAccessToken`;
}

export function universeOf(env: Cloud["env"]): string {
  return env["GOOGLE_CLOUD_UNIVERSE_DOMAIN"] || "googleapis.com";
}
