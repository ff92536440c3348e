import { type KeyObject, sign, verify } from "node:crypto";

/** What a JSON web token says. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a token that one of the keys has signed, that is for the audience, and has not ended. */
export function claimsOf(token: string | null, keys: readonly KeyObject[], audience: string): Claims | undefined {
  const [head = "", body = "", signature = ""] = token?.split(".") ?? [];
  const content = Buffer.from(`${head}.${body}`);
  // As JSON web tokens have it, where the key is one of an elliptic curve.
  const dsaEncoding = "ieee-p1363";
  const isSigned = keys.some((key) =>
    verify("sha256", content, { key, dsaEncoding }, Buffer.from(signature, "base64url")),
  );
  if (!isSigned) return undefined;
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
  const isFor = [claims["aud"]].flat().includes(audience);
  return isFor && Number(claims["exp"]) * 1000 > Date.now() ? claims : undefined;
}

/** A token such as a cluster makes for an account; for tests without one. */
export function proofBy(key: KeyObject, claims: Claims): string {
  const iat = Math.floor(Date.now() / 1000);
  const parts = [{ alg: "RS256" }, { iat, exp: iat + 3600, ...claims }];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}
