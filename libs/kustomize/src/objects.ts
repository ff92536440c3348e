import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { KubeObject } from "@leat/api";
import { turns } from "@leat/text";
import { parseYaml } from "@leat/yaml";
import { isMap } from "./fields.ts";
import type { Manifests } from "./manifests.ts";
import { checkObjectSize } from "./object-size.ts";
import { Rejection } from "./rejection.ts";
import { withoutCredentials } from "./remote.ts";

/** One object of a build. */
export interface BuiltObject {
  /** Shared by all who build the same inputs, and therefore frozen: copy what you change. */
  readonly object: KubeObject;
  /** Path in the repository of the file that declares it, or of the kustomization that generates it; for what comes from elsewhere, its address. */
  readonly file?: string;
  /** `sha256:<hex>` of the object whatever the order of its keys. */
  readonly digest: string;
  /** Values that were put into it from elsewhere and that may not be told. */
  readonly secrets?: readonly string[];
  readonly retyped?: readonly RetypedField[];
}

/** A field that was text until the value of a variable was put into it. */
export interface RetypedField {
  /** Its own, without those of the fields that it is in. */
  name: string;
  variable: string;
}

/**
 * The object with its digest, frozen.
 *
 * @throws LimitExceeded
 */
export function builtObject(
  object: KubeObject,
  more: Pick<BuiltObject, "file" | "secrets" | "retyped"> = {},
): BuiltObject {
  checkObjectSize(object, [object.kind, object.metadata.name].join(" "));
  const digest = createHash("sha256")
    .update(JSON.stringify(sorted(object)))
    .digest("hex");
  freeze(object);
  return Object.freeze({ object, ...more, digest: `sha256:${digest}` });
}

export const originAnnotation = "config.kubernetes.io/origin";

export interface ReadOptions {
  /** The directory that was built: origins are relative to it. */
  directory: string;
  /** Whether origins were asked for by the user and stay in the objects. */
  keepOrigins: boolean;
  /** Reads encrypted values of an object; `undefined` where it has none. */
  openObject?: ((object: KubeObject) => Promise<KubeObject | undefined> | undefined) | undefined;
  signal: AbortSignal;
}

export interface Read {
  objects: BuiltObject[];
  /** How many documents named their origin. */
  origins: number;
}

/**
 * Reads what kustomize wrote.
 *
 * @throws Rejection for an object that lacks apiVersion, kind or name
 */
export async function readObjects(manifests: Manifests, options: ReadOptions): Promise<Read> {
  const read: Read = { objects: [], origins: 0 };
  const turn = turns(options.signal);
  for (const document of manifests.documents()) {
    await turn();
    const { objects, file } = takeApart(document, options, read);
    for (const object of objects) {
      const opening = options.openObject?.(object as KubeObject);
      read.objects.push(built((opening && (await opening)) ?? object, file));
      await turn();
    }
  }
  return read;
}

/** The digest of a build: of its objects in their order. */
export function digestOfAll(objects: readonly BuiltObject[]): string {
  const hash = createHash("sha256");
  for (const { digest } of objects) hash.update(`${digest}\n`);
  return `sha256:${hash.digest("hex")}`;
}

interface Taken {
  objects: Array<Record<string, unknown>>;
  file: string | undefined;
}

function takeApart(document: unknown, options: ReadOptions, read: Read): Taken {
  if (!isMap(document))
    throw new Rejection("a built manifest is not an object; apiVersion, kind and metadata.name are required");
  const origin = takeOrigin(document, options.keepOrigins);
  if (origin !== undefined) read.origins += 1;
  const file = origin === undefined ? undefined : fileOf(origin, options.directory);
  const objects = flatten(document).filter(
    ({ apiVersion }) => !String(apiVersion).startsWith("kustomize.config.k8s.io/"),
  );
  return { objects, file };
}

function flatten(document: Record<string, unknown>): Array<Record<string, unknown>> {
  const { kind, items } = document;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [document];
  return items.filter(isMap).flatMap(flatten);
}

function built(object: Record<string, unknown>, file: string | undefined): BuiltObject {
  const { apiVersion, kind } = object;
  const metadata = isMap(object["metadata"]) ? object["metadata"] : {};
  const { name } = metadata;
  const what = [kind ?? "an object", name].filter(Boolean).join(" ");
  const needed = { apiVersion, kind, "metadata.name": name };
  for (const [field, value] of Object.entries(needed)) {
    if (typeof value === "string" && value !== "") continue;
    throw new Rejection(`${file === undefined ? "" : `${file}: `}${what} has no ${field}`);
  }
  return builtObject(object as KubeObject, file === undefined ? {} : { file });
}

/** Takes the origin out of the object, unless it is to stay. */
function takeOrigin(object: Record<string, unknown>, keep: boolean): string | undefined {
  const metadata = object["metadata"];
  const annotations = isMap(metadata) ? metadata["annotations"] : undefined;
  if (!isMap(metadata) || !isMap(annotations)) return undefined;
  const origin = annotations[originAnnotation];
  if (typeof origin !== "string") return undefined;
  if (!keep) {
    delete annotations[originAnnotation];
    if (Object.keys(annotations).length === 0) delete metadata["annotations"];
  }
  return origin;
}

function fileOf(origin: string, directory: string): string | undefined {
  const fields = parseYaml(origin, originAnnotation);
  if (!isMap(fields)) return undefined;
  const path = fields["path"] ?? fields["configuredIn"];
  if (typeof path !== "string") return undefined;
  if (typeof fields["repo"] === "string") return `${withoutCredentials(fields["repo"])}//${path}`;
  // Joining paths has taken one of the two slashes away.
  const url = /(https?):\/+([^]*)/.exec(path);
  return url ? withoutCredentials(`${url[1]}://${url[2]}`) : posix.join(directory, path);
}

/** With the keys of all mappings in order. What is in order is not copied, as most of what kustomize writes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isMap(value)) return value;
  const keys = Object.keys(value);
  const before = Object.values(value);
  const members = before.map(sorted);
  const isInOrder = keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);
  if (isInOrder && members.every((member, index) => member === before[index])) return value;
  const pairs = keys.map((key, index): [string, unknown] => [key, members[index]]);
  return Object.fromEntries(pairs.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const member of Object.values(value)) freeze(member);
  Object.freeze(value);
}
