import type { KubeObject } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import { type ConfigData, readConfigData } from "@leat/kube";
import type { Decryption, MaybeEncrypted, Opened } from "@leat/kustomize";
import { decrypt, type Format, formatOf, type Keys } from "@leat/sops";
import type { Building, World } from "./attempt.ts";
import { staysEncrypted } from "./encrypted.ts";

export type DecryptionRead =
  | { kind: "read"; decryption?: Decryption }
  /** The keys are not to be had. The message says what to change. */
  | { kind: "rejected"; message: string };

export type DecryptionWorld = Pick<World, "kube" | "sopsAgeSecret" | "keyServiceIdentityFor" | "readKeys">;

/** Decryption for `spec.decryption`, with the current keys of the cluster. */
export async function decryptionOf(world: DecryptionWorld, { object, run }: Building): Promise<DecryptionRead> {
  if (!object.spec.decryption) return { kind: "read" };
  const secret = await readKeySecret(world, { object, run });
  if (secret.kind === "rejected") return secret;
  const identity = await world.keyServiceIdentityFor(object, run.signal);
  const read = await world.readKeys(secret.entries, identity);
  if (read.kind === "read") return { kind: "read", decryption: decryptionWith(read.keys) };
  return { kind: "rejected", message: `${secret.subject}: ${read.message}` };
}

type KeySecretRead =
  | { kind: "read"; subject: string; entries: ReadonlyMap<string, Buffer> }
  | Extract<DecryptionRead, { kind: "rejected" }>;

/** The Secret that the object names, else the one for all that name none. */
async function readKeySecret(
  { kube, sopsAgeSecret }: DecryptionWorld,
  { object, run }: Building,
): Promise<KeySecretRead> {
  const { metadata, spec } = object;
  const own = spec.decryption?.secretRef && { namespace: metadata.namespace, name: spec.decryption.secretRef.name };
  const key = own ?? sopsAgeSecret;
  if (key === undefined) return { kind: "read", subject: "spec.decryption", entries: new Map() };
  const read = await readConfigData(kube, { kind: "Secret", ...key }, run.signal);
  if (read.kind === "found") return { kind: "read", subject: read.data.subject, entries: entriesOf(read.data, own) };
  const secret = `${read.subject} of ${own ? "spec.decryption.secretRef" : "--sops-age-secret"}`;
  return {
    kind: "rejected",
    message:
      read.kind === "forbidden"
        ? `${secret} cannot be read: ${read.message}`
        : `${secret} does not exist: create it, or correct spec.decryption.secretRef`,
  };
}

/** What all Kustomizations may use are age keys, and never somebody's account at a cloud. */
function entriesOf(secret: ConfigData, own: ObjectKey | undefined): Map<string, Buffer> {
  const names = secret.keys().filter((name) => own || name.endsWith(".agekey"));
  return new Map(names.map((name) => [name, secret.bytes(name) ?? Buffer.of()]));
}

/** Files are decrypted as they come, so that their MAC is verified over what was written; in objects, whole files are. */
function decryptionWith(keys: Keys): Decryption {
  return {
    key: keys.digest,
    file: ({ path, content, readAs }, signal) =>
      decrypt({ name: path, content, as: formatFor(path, readAs), keys, isLeft: staysEncrypted, signal }),
    object: (object, signal) => {
      if (staysEncrypted(object)) return undefined;
      const { sops } = object as { sops?: { mac?: unknown } | null };
      if (typeof sops?.mac === "string") return Promise.resolve({ kind: "rejected", message: tooLate(object) });
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

function tooLate(object: KubeObject): string {
  return `${nameOf(object)} is encrypted, but encrypted objects in remote bases or Lists are not supported, because their MAC cannot be verified; commit it as its own file`;
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
    if (opened.kind === "rejected") return opened;
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
