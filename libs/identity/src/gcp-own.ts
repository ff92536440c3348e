import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Fault, Reason } from "@leat/api";
import { isJsonObject, type JsonObject, textOf } from "@leat/http";
import type { Cloud, Token } from "./cloud.ts";
import { exchangedToken, gcpScopes } from "./gcp-token.ts";
import { metadataToken } from "./gke-metadata.ts";
import { assertion, grantedToken } from "./oauth.ts";
import { readToken } from "./token-file.ts";

/** The controller's own token at Google Cloud: by the file that GOOGLE_APPLICATION_CREDENTIALS names, else by the metadata server. */
export async function ownGcpToken(cloud: Cloud, signal: AbortSignal): Promise<Token> {
  const path = cloud.env["GOOGLE_APPLICATION_CREDENTIALS"];
  if (!path) return metadataToken(cloud, gcpScopes.join(","), signal);
  const file = await readJson(path, "the file of GOOGLE_APPLICATION_CREDENTIALS");
  const type = textOf(file["type"]);
  if (type === "service_account") return byKey(cloud, file, signal);
  if (type === "external_account") return byExternalAccount(cloud, file, signal);
  throw unusable(`has the unsupported type ${JSON.stringify(type)}; supported: service_account, external_account`);
}

async function byKey({ http }: Cloud, file: JsonObject, signal: AbortSignal): Promise<Token> {
  const url = textOf(file["token_uri"]) || "https://oauth2.googleapis.com/token";
  const claims = { iss: textOf(file["client_email"]), scope: gcpScopes.join(" "), aud: url };
  const proof = assertion(keyIn(file), { kid: textOf(file["private_key_id"]) }, claims);
  const fields = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: proof };
  return grantedToken(http, { url, fields, service: "Google Cloud", secrets: [proof], signal });
}

function keyIn(file: JsonObject): KeyObject {
  try {
    return createPrivateKey(textOf(file["private_key"]));
  } catch {
    // The cause may show it.
    throw unusable("has a private_key that is not PEM");
  }
}

async function byExternalAccount(cloud: Cloud, file: JsonObject, signal: AbortSignal): Promise<Token> {
  const source = isJsonObject(file["credential_source"]) ? file["credential_source"] : {};
  if (textOf(source["file"]) === "")
    throw unusable("has a credential_source other than a file, which is not supported");
  return exchangedToken(
    cloud,
    {
      audience: textOf(file["audience"]),
      subjectToken: await subjectToken(source),
      subjectTokenType: textOf(file["subject_token_type"]) || undefined,
      tokenUrl: textOf(file["token_url"]) || undefined,
      impersonationUrl: textOf(file["service_account_impersonation_url"]) || undefined,
    },
    signal,
  );
}

async function subjectToken(source: JsonObject): Promise<string> {
  const path = textOf(source["file"]);
  const format = isJsonObject(source["format"]) ? source["format"] : {};
  if (textOf(format["type"]) !== "json") return readToken(path, "GOOGLE_APPLICATION_CREDENTIALS");
  const field = textOf(format["subject_token_field_name"]);
  return textOf((await readJson(path, "the file of its credential_source"))[field]);
}

async function readJson(path: string, what: string): Promise<JsonObject> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (isJsonObject(value)) return value;
  } catch (error) {
    // What JSON.parse throws shows what it read.
    if (!(error instanceof SyntaxError))
      throw new Fault(Reason.AuthenticationFailed, `${what} cannot be read`, { cause: error });
  }
  throw new Fault(Reason.AuthenticationFailed, `${what} is not a JSON object`);
}

function unusable(why: string): Fault {
  return new Fault(Reason.AuthenticationFailed, `the file of GOOGLE_APPLICATION_CREDENTIALS ${why}`);
}
