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
      return notText(read.data) ?? settingsIn(read.data);
    case "missing":
      return { why: `${read.subject} of spec.${field} does not exist` };
    case "forbidden":
      return { why: `${read.subject} of spec.${field} cannot be read: ${read.message}` };
  }
}

const textKeys = ["username", "password", "bearerToken", "ca.crt", "caFile", "tls.crt", "tls.key", "address"];

function notText(secret: ConfigData): Denied | undefined {
  const key = textKeys.find((one) => secret.bytes(one) !== undefined && secret.text(one) === undefined);
  return key === undefined ? undefined : { why: `${key} of ${secret.subject} is not UTF-8 text` };
}

export function isDenied(settings: object | undefined): settings is Denied {
  return settings !== undefined && "why" in settings;
}
