import { isJsonObject, type JsonObject } from "./json-object.ts";

/** Characters of a service's own words that get into a message. */
const maxLength = 300;

/** Errors of OAuth 2 (RFC 6749, section 5.2) and of Vault, which reveal nothing if another service responds with them. */
const standardErrors = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "access_denied",
  "permission denied",
]);

interface Words {
  /** What they must not contain. */
  secrets: readonly string[];
  /** Standard errors alone. */
  isForeign: boolean;
}

/** What a service says of an error, in the JSON or XML of the usual APIs: `Code: message`, or "" where nothing is found. */
export function errorMessageIn(body: string, { secrets, isForeign }: Words): string {
  const fields = parseJsonObject(body);
  const texts =
    fields === undefined
      ? [elementIn(body, "Code"), elementIn(body, "Message")]
      : candidatesIn(fields).filter((one) => typeof one === "string");
  const shown = texts.filter((text) => text !== undefined && text !== "" && (!isForeign || standardErrors.has(text)));
  const message = shown.join(": ").replaceAll(/\s+/g, " ");
  return withoutSecrets(message, secrets).slice(0, maxLength);
}

export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // XML, or a page of a proxy on the way.
    return undefined;
  }
}

/** The text of an element that holds nothing else. For answers that have no more to them, such as those of AWS STS. */
export function elementIn(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(amp|lt|gt|quot|apos|#39|#34);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'", "#34": '"' };

/** Each service has its own place for it. */
function candidatesIn(fields: JsonObject): unknown[] {
  const { error, errors } = fields;
  const inner = isJsonObject(error) ? error : {};
  return [
    fields["__type"] ?? fields["code"],
    inner["status"] ?? inner["code"],
    typeof error === "string" ? error : inner["message"],
    fields["message"] ?? fields["Message"] ?? fields["error_description"],
    ...(Array.isArray(errors) ? errors : []),
  ];
}

const webToken = /\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g;

function withoutSecrets(message: string, secrets: readonly string[]): string {
  const hidden = secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, "***"), message);
  return hidden.replaceAll(webToken, "***");
}
