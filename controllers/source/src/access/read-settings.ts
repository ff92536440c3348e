import { type ConfigData, type Kube, readConfigData } from "@leat/kube";

/** Why a Secret does not give access. */
export interface Denied {
  why: string;
}

/** A field of a spec that names a Secret in the namespace of the object. */
export interface SecretField {
  /** Such as `secretRef`. */
  field: string;
  namespace: string;
  /** `undefined` where the spec does not have the field. */
  name: string | undefined;
}

/** Connection settings from a Secret, which is read again for each run and kept nowhere; none where the field is not set. */
export async function readSettings<Settings>(
  kube: Pick<Kube, "get">,
  { field, namespace, name }: SecretField,
  settingsIn: (secret: ConfigData) => Settings | Denied,
  signal: AbortSignal,
): Promise<Settings | Denied | undefined> {
  if (name === undefined) return undefined;
  const read = await readConfigData(kube, { kind: "Secret", namespace, name }, signal);
  switch (read.kind) {
    case "found":
      return settingsIn(read.data);
    case "missing":
      return { why: `${read.subject} of spec.${field} does not exist` };
    case "forbidden":
      return { why: `${read.subject} of spec.${field} cannot be read: ${read.message}` };
  }
}

/** The texts of these keys, as far as the Secret has them. */
export function textsIn<Key extends string>(
  secret: ConfigData,
  keys: readonly Key[],
): { [key in Key]?: string } | Denied {
  const texts: { [key in Key]?: string } = {};
  for (const key of keys) {
    if (secret.bytes(key) === undefined) continue;
    const text = secret.text(key);
    if (text === undefined) return { why: `${key} of ${secret.subject} is not UTF-8 text` };
    texts[key] = text;
  }
  return texts;
}

export function isDenied(settings: object | undefined): settings is Denied {
  return settings !== undefined && "why" in settings;
}
