import { core, type KubeObject, Kustomization } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import type { Decryption, MaybeEncrypted, Opened } from "@leat/kustomize";
import { decrypt, type Format, formatOf, type Keys } from "@leat/sops";
import type { Building } from "./attempt.ts";

export type DecryptionRead =
  | { kind: "read"; decryption?: Decryption }
  /** The keys are not to be had. The message says what to change. */
  | { kind: "refused"; message: string };

const disabledAnnotation = `${Kustomization.group}/decrypt`;

/** How what `spec.decryption` is about is read: with the keys, and for whoever asks for more, as they are in the cluster now. */
export async function decryptionOf(building: Building): Promise<DecryptionRead> {
  const { metadata, spec } = building.object;
  if (!spec.decryption) return { kind: "read" };
  const { secretRef } = spec.decryption;
  const own = secretRef && { namespace: metadata.namespace, name: secretRef.name };
  const key = own ?? building.sopsAgeSecret;
  const data = key ? await readData(building, key) : new Map<string, Buffer>();
  if (data === undefined) return { kind: "refused", message: missing(key, own !== undefined) };
  // What all Kustomizations may use are age keys, and never somebody's account at a cloud.
  const entries = own ? data : new Map([...data].filter(([name]) => name.endsWith(".agekey")));
  const asker = await building.askerFor(building.object, building.run.signal);
  const read = await building.readKeys(entries, asker);
  if (read.kind === "read") return { kind: "read", decryption: decryptionWith(read.keys) };
  return { kind: "refused", message: `Secret ${textOf(key)}: ${read.message}` };
}

async function readData({ kube, run }: Building, key: ObjectKey): Promise<ReadonlyMap<string, Buffer> | undefined> {
  const secret = await kube.get({ resource: core.Secret, ...key }, { signal: run.signal });
  const data = secret && Object.entries((secret["data"] ?? {}) as Record<string, string>);
  return data && new Map(data.map(([name, value]) => [name, Buffer.from(value, "base64")]));
}

function missing(key: ObjectKey | undefined, isOwn: boolean): string {
  const mend = isOwn ? "correct spec.decryption.secretRef" : "name keys with spec.decryption.secretRef";
  return `Secret ${textOf(key)} with the keys for decryption does not exist: create it, or ${mend}`;
}

function textOf(key: ObjectKey | undefined): string {
  return `${key?.namespace}/${key?.name}`;
}

/** Files are decrypted as they come, so that their MAC is verified over what was written; in objects, whole files are. */
function decryptionWith(keys: Keys): Decryption {
  return {
    key: keys.digest,
    file: ({ path, content, readAs }, signal) =>
      decrypt({ name: path, content, as: formatFor(path, readAs), keys, isLeft: isDisabled, signal }),
    object: (object, signal) => {
      if (isDisabled(object)) return undefined;
      const { sops } = object as { sops?: { mac?: unknown } | null };
      if (typeof sops?.mac === "string") return Promise.resolve({ kind: "refused", message: tooLate(object) });
      return object.apiVersion === "v1" && object.kind === "Secret" ? openSecret(object, keys, signal) : undefined;
    },
  };
}

function formatFor(path: string, readAs: MaybeEncrypted["readAs"]): Format {
  switch (readAs.kind) {
    case "objects":
      return "yaml";
    case "env": {
      const format = formatOf(path);
      return format === "binary" ? "dotenv" : format;
    }
    case "file":
      return formatOf(readAs.name);
  }
}

function isDisabled(object: Readonly<Record<string, unknown>>): boolean {
  const metadata = object["metadata"] as KubeObject["metadata"] | null | undefined;
  return String(metadata?.annotations?.[disabledAnnotation]).toLowerCase() === "disabled";
}

function tooLate(object: KubeObject): string {
  return `${nameOf(object)} is encrypted and comes from a remote base or out of a List, where its MAC cannot be verified any more: let a file of the repository hold it`;
}

/** Values of a Secret may be encrypted files. */
async function openSecret(object: KubeObject, keys: Keys, signal: AbortSignal): Promise<Opened<KubeObject>> {
  const data = { ...(object["data"] as Record<string, unknown> | null | undefined) };
  const secrets: string[] = [];
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== "string") continue;
    const content = Buffer.from(value, "base64");
    const name = `data.${key} of ${nameOf(object)}`;
    const opened = await decrypt({ name, content, as: formatOf(key), keys, signal });
    if (opened.kind === "refused") return opened;
    if (opened.kind === "plain") continue;
    data[key] = opened.content.toString("base64");
    secrets.push(...opened.secrets);
  }
  return secrets.length === 0 ? { kind: "plain" } : { kind: "decrypted", content: { ...object, data }, secrets };
}

function nameOf({ kind, metadata }: KubeObject): string {
  const { name } = (metadata ?? {}) as Partial<KubeObject["metadata"]>;
  return [kind, name].filter(Boolean).join(" ");
}
