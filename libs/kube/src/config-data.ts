import { isUtf8 } from "node:buffer";
import { core, type KubeObject } from "@leat/api";
import { ApiError } from "./api-error.ts";
import type { Kube } from "./kube.ts";

export interface ConfigRef {
  kind: "ConfigMap" | "Secret";
  namespace: string;
  name: string;
}

/** The entries of a ConfigMap or a Secret, decoded. */
export interface ConfigData {
  /** For messages: `Secret/team/keys`. */
  subject: string;
  isSecret: boolean;
  /** Another one whenever the object is. */
  version: string;
  /** Those of `data`; entries of a ConfigMap's `binaryData` are found by their key alone, as Flux never lists them. */
  keys: () => string[];
  bytes: (key: string) => Buffer | undefined;
  /** `undefined` also where the entry is not UTF-8. */
  text: (key: string) => string | undefined;
}

export type ConfigDataRead =
  | { kind: "found"; data: ConfigData }
  | { kind: "missing"; subject: string }
  /** The message is the API server's: it names who may not, the verb and the resource. */
  | { kind: "forbidden"; subject: string; message: string };

/**
 * Reads a ConfigMap or a Secret with one request; nothing of it is kept.
 *
 * @throws ApiError, Fault as {@link Kube} does, other than for 403 and 404
 */
export async function readConfigData(
  kube: Pick<Kube, "get">,
  { kind, namespace, name }: ConfigRef,
  signal: AbortSignal,
): Promise<ConfigDataRead> {
  const subject = `${kind}/${namespace}/${name}`;
  try {
    const object = await kube.get({ resource: core[kind], namespace, name }, { signal });
    return object ? { kind: "found", data: dataOf(object, kind, subject) } : { kind: "missing", subject };
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) return { kind: "forbidden", subject, message: error.message };
    throw error;
  }
}

function dataOf(object: KubeObject, kind: ConfigRef["kind"], subject: string): ConfigData {
  const { uid, resourceVersion } = object.metadata;
  const [data, binary] = [entriesOf(object, "data"), entriesOf(object, "binaryData")];
  const isSecret = kind === "Secret";
  const encoded = isSecret ? data : binary;
  const bytes = (key: string) => {
    const value = encoded.get(key);
    if (value !== undefined) return Buffer.from(value, "base64");
    const text = data.get(key);
    return text === undefined ? undefined : Buffer.from(text);
  };
  return {
    subject,
    isSecret,
    version: `${uid}@${resourceVersion}`,
    keys: () => [...data.keys()],
    bytes,
    text: (key) => {
      const value = bytes(key);
      return value && isUtf8(value) ? value.toString() : undefined;
    },
  };
}

/** A key may be named like a property of every object, such as `constructor`. */
function entriesOf(object: KubeObject, field: "data" | "binaryData"): ReadonlyMap<string, string> {
  return new Map(Object.entries((object[field] ?? {}) as Record<string, string>));
}
