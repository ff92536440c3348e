import { createPrivateKey, type KeyObject } from "node:crypto";
import { formBody, textOf } from "@leat/http";
import { type KeyServices, postTo } from "./key-service.ts";
import { Rejection } from "./rejection.ts";

/** Gives the header of authorization. */
export type Authorize = (signal: AbortSignal) => Promise<Record<string, string>>;

/** A token is not used in the last minute of its life. */
const marginMs = 60_000;

/** Where the clouds give tokens; credentials may name another place. */
const tokenHosts = new Set([
  "oauth2.googleapis.com",
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
]);

function isWellKnown(url: string): boolean {
  return tokenHosts.has(URL.parse(url)?.hostname ?? "");
}

/** Asks for tokens by OAuth 2, each of which is used as long as it lives. */
export function tokens(services: KeyServices, url: string, form: () => Record<string, string>): Authorize {
  let held = { token: "", until: 0 };
  return async (signal) => {
    if (Date.now() > held.until) {
      const answer = await postTo(services, { url, ...formBody(form()), isForeign: !isWellKnown(url), signal });
      const lifeMs = Number(answer["expires_in"] ?? 0) * 1000;
      held = { token: textOf(answer["access_token"]), until: Date.now() + lifeMs - marginMs };
    }
    return { authorization: `Bearer ${held.token}` };
  };
}

/** @throws Rejection, which names the entry and nothing of the key */
export function privateKey(name: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Rejection(`${name} has a private key that is not PEM`);
  }
}
