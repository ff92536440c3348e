import type { KubeObject } from "@leat/api";
import { maskerOf } from "@leat/apply";

/** Takes what is secret out of what is printed. */
export interface Mask {
  /** @param own secrets of the object that the text is about */
  text: (text: string, own?: readonly string[]) => string;
  /** A part of an object: texts in it lose what is secret of them. */
  value: (value: unknown, own?: readonly string[]) => unknown;
  /** A whole object, whose values are hidden where it is a Secret. */
  object: (object: KubeObject, own?: readonly string[]) => KubeObject;
}

export const hidden = "***";

// Shorter ones are words that mean something else in other objects.
const shortestElsewhere = 8;

/** @param known secrets of any object, which may be in others too */
export function createMask(known: readonly string[]): Mask {
  const elsewhere = maskerOf([...new Set(known)].filter(({ length }) => length >= shortestElsewhere));
  const owners = new WeakMap<readonly string[], (text: string) => string>();
  const text: Mask["text"] = (given, own = none) =>
    elsewhere(owners.getOrInsertComputed(own, () => maskerOfAll(new Set(own)))(given));
  const value: Mask["value"] = (given, own) => mapTexts(given, (one) => text(one, own));
  return {
    text,
    value,
    object: (object, own) => {
      const masked = value(object, own) as KubeObject;
      return isSecret(object) ? withoutLastApplied({ ...masked, ...hiddenValues(object) }) : masked;
    },
  };
}

// Shorter ones are looked for as whole words: within others they would tell more than they hide.
const shortestWithin = 4;

function maskerOfAll(secrets: ReadonlySet<string>): (text: string) => string {
  const masked = maskerOf([...secrets]);
  const short = [...secrets]
    .filter((one) => one.trim() !== "" && one.length < shortestWithin)
    .map((one) => RegExp.escape(one));
  if (short.length === 0) return masked;
  const words = new RegExp(`(?<!\\w)(?:${short.join("|")})(?!\\w)`, "g");
  return (text) => masked(text).replaceAll(words, hidden);
}

/** What it shows everything with. */
export const noMask: Mask = { text: (text) => text, value: (value) => value, object: (object) => object };

export function isSecret({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">): boolean {
  return apiVersion === "v1" && kind === "Secret";
}

/** Values of a Secret, as they are to be used. */
export function valuesOf({ data, stringData }: KubeObject): string[] {
  const decoded = Object.values(data ?? {}).map((value) => Buffer.from(String(value), "base64").toString());
  return [...decoded, ...Object.values(stringData ?? {}).map(String)];
}

type ChangeText = (text: string) => string;

/** The same with other texts in it; numbers and the like count as texts where they would be another. */
export function mapTexts(value: unknown, change: ChangeText, changeKey: ChangeText = change): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return change(String(value)) === String(value) ? value : hidden;
  }
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change, changeKey));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [changeKey(key), mapTexts(part, change, changeKey)]),
  );
}

const none: readonly string[] = [];

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** kubectl notes the whole Secret in it, with values that it may have no more. */
function withoutLastApplied(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (annotations?.[lastApplied] === undefined) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [lastApplied]: hidden } } };
}

function hiddenValues(object: KubeObject): object {
  const fields = ["data", "stringData"].filter((field) => typeof object[field] === "object" && object[field] !== null);
  return Object.fromEntries(
    fields.map((field) => [
      field,
      Object.fromEntries(Object.keys(object[field] as object).map((key) => [key, hidden])),
    ]),
  );
}
