import type { KubeObject } from "@leat/api";
import { Fault } from "@leat/api";
import { ApiError, ApiUnavailable } from "@leat/kube";
import { nameOf, subjectOf } from "./object-name.ts";
import { type RejectionKind, rejectionKindOf } from "./rejection-kind.ts";

/**
 * Why the declared objects cannot be applied as they are: for a person, and free of secrets. Its cause, what the server
 * answered, stays within this package.
 */
export class Rejection extends Error {
  readonly kind: RejectionKind;

  /** `kind` is what the cause says where it is not given, and `Invalid` where there is no cause either. */
  constructor(message: string, { cause, kind }: { cause?: unknown; kind?: RejectionKind | undefined } = {}) {
    super(message, { cause });
    this.name = "Rejection";
    this.kind = kind ?? (cause === undefined ? "Invalid" : rejectionKindOf(cause));
  }
}

/** Of where an object comes from, as far as it is known. */
export interface Origin {
  object: KubeObject;
  file?: string | undefined;
  /** Values that were put into the object and that nobody may read in a message. */
  secrets?: readonly string[] | undefined;
}

/** `Kind/namespace/name (file path): words`, with the object's secrets hidden: all its own values where it is a Secret. */
export function rejectionOf(
  origin: Origin,
  words: string,
  about: { cause?: unknown; kind?: RejectionKind } = {},
): Rejection {
  return new Rejection(`${placeOf(origin)}: ${maskSecrets(words, origin)}`, about);
}

/** `Kind/namespace/name (file path)`: where a person finds an object. */
export function placeOf({ object, file }: Omit<Origin, "secrets">): string {
  const subject = subjectOf(nameOf(object));
  return file === undefined ? subject : `${subject} (file ${file})`;
}

export function unknownKind(origin: Origin): Rejection {
  const { apiVersion, kind } = origin.object;
  const advice = "is its CRD installed?";
  return rejectionOf(origin, `no matches for kind ${kind} in ${apiVersion}; ${advice}`, { kind: "UnknownKind" });
}

/**
 * Sorts what a request about an object threw: a `Rejection` where the server does not want this object, else a fault to
 * throw on (overload, an unreachable server, an abort).
 */
export function rejectionFrom(error: unknown, origin: Origin): Rejection {
  if (error instanceof Rejection) return error;
  if (!(error instanceof ApiError)) throw error;
  if (error instanceof ApiUnavailable) return rejectionOf(origin, error.message, { cause: error });
  if (overloaded.has(error.code)) {
    throw new Fault("APIServerUnavailable", `${placeOf(origin)}: ${maskSecrets(error.message, origin)}`, {
      cause: error,
    });
  }
  return rejectionOf(origin, wordsOf(error, origin), { cause: error });
}

const overloaded = new Set([429, 502, 503, 504]);

function wordsOf({ code, message }: ApiError, { object }: Origin): string {
  const { namespace } = object.metadata;
  if (code === 404 && namespace !== undefined && message === `namespaces "${namespace}" not found`) {
    return `namespace ${namespace} not found; create it, or declare it with the object`;
  }
  if (code === 404 && message.includes("page not found")) {
    return `the API server no longer serves ${object.kind} of ${object.apiVersion}: is its CRD still installed?`;
  }
  if (message.includes("illegal base64 data")) return notBase64(object) ?? message;
  return message;
}

/** The server names no key. */
function notBase64({ data }: KubeObject): string | undefined {
  const keys = Object.entries(data ?? {}).filter(([, value]) => typeof value === "string" && !isBase64(value));
  if (keys.length === 0) return undefined;
  const fields = keys.map(([key]) => `data.${key}`).join(", ");
  return `not valid base64: ${fields}; encode ${keys.length === 1 ? "it" : "them"}, or use stringData for plain text`;
}

/** As the server reads it: line breaks do not count, a character that is none of base64 is an error. */
function isBase64(text: string): boolean {
  const compact = text.replaceAll("\r", "").replaceAll("\n", "");
  const padding = compact.endsWith("==") ? 2 : compact.endsWith("=") ? 1 : 0;
  const isUrlSafe = compact.includes("-") || compact.includes("_");
  return (
    !isUrlSafe &&
    compact.length % 4 === 0 &&
    Buffer.from(compact, "base64").length === (compact.length / 4) * 3 - padding
  );
}

/** Takes what is secret of an object out of a text, as written and as base64; what is too short to be a secret is kept. */
export function maskSecrets(text: string, { object, secrets = [] }: Omit<Origin, "file">): string {
  const isSecret = object.kind === "Secret" && object.apiVersion === "v1";
  return maskValues(text, isSecret ? [...valuesOf(object), ...secrets] : secrets);
}

export function maskValues(text: string, values: readonly string[]): string {
  return maskerOf(values)(text);
}

/** {@link maskValues}, for many texts. */
export function maskerOf(values: readonly string[]): (text: string) => string {
  const spellings = spellingsOf(values);
  return (text) => spellings.reduce((masked, value) => masked.replaceAll(value, "***"), text);
}

// Shorter ones would cut ordinary words to pieces and tell more than they hide.
const shortestSecret = 4;

function valuesOf({ data, stringData }: KubeObject): string[] {
  return [...Object.values(data ?? {}), ...Object.values(stringData ?? {})].map(String);
}

function spellingsOf(values: readonly string[]): string[] {
  const decoded = values.map((value) => Buffer.from(value, "base64").toString());
  const encoded = values.map((value) => Buffer.from(value).toString("base64"));
  const all = [...values, ...decoded, ...encoded];
  const written = all.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), value.trim()]);
  return [...new Set(written)].filter(({ length }) => length >= shortestSecret).toSorted((a, b) => b.length - a.length);
}
