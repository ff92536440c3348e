import { hash } from "node:crypto";
import { type ConfigData, connect, readConfigData } from "@leat/kube";
import type { Access, AccessOptions, Asked } from "./access.ts";
import { readDescription } from "./token-access.ts";

/** Reads what `spec.kubeConfig` refers to, which is in the namespace of the object. */
export async function readAccess(options: AccessOptions, { reference, namespace, signal }: Asked): Promise<Access> {
  const { secretRef, configMapRef } = reference;
  const ref = secretRef
    ? ({ kind: "Secret", name: secretRef.name } as const)
    : ({ kind: "ConfigMap", name: configMapRef?.name ?? "" } as const);
  const read = await readConfigData(options.kube, { ...ref, namespace }, signal);
  switch (read.kind) {
    case "missing":
      return { kind: "missing", name: read.subject, message: isMissing };
    case "forbidden":
      return { kind: "unusable", name: read.subject, message: `it cannot be read: ${read.message}` };
    case "found":
      return secretRef
        ? readKubeconfig(options, read.data, secretRef.key)
        : readDescription(options, { data: read.data, namespace, signal });
  }
}

const isMissing = "it does not exist: create it, or correct spec.kubeConfig";
const defaultKeys = ["value", "value.yaml"];

function readKubeconfig(
  { permitInsecureTls, guard }: AccessOptions,
  data: ConfigData,
  key: string | undefined,
): Access {
  const keys = key ? [key] : defaultKeys;
  const name = data.subject;
  const found = keys.find((one) => data.bytes(one) !== undefined);
  if (found === undefined) {
    const message = `it has no key ${keys.join(" or ")}: add a kubeconfig, or set spec.kubeConfig.secretRef.key`;
    return { kind: "unusable", name, message };
  }
  const text = data.text(found);
  if (text === undefined) return { kind: "unusable", name, message: `its key ${found} is not UTF-8 text` };
  const selfContained = { text, origin: "its kubeconfig", permitInsecureTls };
  return {
    kind: "found",
    key: hash("sha256", text),
    name,
    connect: (options) => connect({ ...options, selfContained, guard }),
  };
}
