import { createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import { requestApi } from "../control-plane/api-request.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";

/** The keys that a cluster's tokens of accounts are verified with, as it publishes them. */
export async function issuerKeysOf({ url, token, caFile }: ControlPlane): Promise<KeyObject[]> {
  const request = { path: "/openid/v1/jwks", accept: "application/jwk-set+json" };
  const { body } = await requestApi({ url, token, ca: await readFile(caFile, "utf8") }, request);
  const { keys } = (typeof body === "string" ? JSON.parse(body) : body) as { keys: webcrypto.JsonWebKey[] };
  return keys.map((key) => createPublicKey({ key, format: "jwk" }));
}
