import { type KeyObject, sign } from "node:crypto";
import { Fault, Reason } from "@leat/api";
import { formBody, type Http, type JsonObject, textOf } from "@leat/http";
import { cloudJson } from "./cloud-request.ts";
import type { Token } from "./cloud.ts";

export interface Grant {
  url: string;
  fields: Record<string, string>;
  service: string;
  /** Of the fields, those that are secret. */
  secrets: readonly string[];
  signal: AbortSignal;
}

/** Asks for a token by OAuth 2. */
export async function grantedToken(http: Http, { fields, ...question }: Grant): Promise<Token> {
  return tokenIn(await cloudJson(http, { method: "POST", ...formBody(fields), ...question }));
}

/** @throws Fault where there is none */
export function tokenIn(fields: JsonObject): Token {
  const token = textOf(fields["access_token"]);
  const lifeMs = Number(fields["expires_in"] ?? 0) * 1000;
  if (token === "" || !(lifeMs > 0)) throw new Fault(Reason.AuthenticationFailed, "returned no token");
  return { token, expiresAt: new Date(Date.now() + lifeMs) };
}

/** How long an assertion may be used. */
const assertionSeconds = 600;

/** A JSON web token that says who asks, signed with RSA and SHA-256. */
export function assertion(key: KeyObject, header: object, claims: object): string {
  const iat = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: "RS256", typ: "JWT", ...header },
    { ...claims, iat, exp: iat + assertionSeconds },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
