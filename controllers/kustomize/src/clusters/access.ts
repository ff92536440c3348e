import { hash } from "node:crypto";
import { core, type KubeObject, type Kustomization } from "@leat/api";
import type { Identities } from "@leat/identity";
import { connect, type ConnectOptions, type Kube } from "@leat/kube";

import { readDescription } from "./secretless.ts";

/** How to reach the cluster that a Kustomization names. */
export type Access =
  | {
      kind: "found";
      /** Equal where all that matters for reaching the cluster is. */
      key: string;
      /** What holds the configuration, for messages. */
      name: string;
      connect: (options: Pick<ConnectOptions, "onRequest" | "userAgent">) => Promise<Kube>;
    }
  /** What holds the configuration does not exist. */
  | { kind: "missing"; name: string; message: string }
  | { kind: "unusable"; name: string; message: string };

export interface AccessOptions {
  /** The own cluster, as the controller itself. */
  kube: Kube;
  identities: Identities;
  permitInsecureTls: boolean;
  /** ServiceAccount whose token is used where a ConfigMap names none; empty for the controller's own. */
  defaultKubeconfigServiceAccount: string;
  /** Whether the controller's own token may be used where none is named: not where tenants have to act as themselves. */
  permitOwnToken: boolean;
}

/** What a Kustomization refers to. */
export interface Asked {
  reference: NonNullable<Kustomization["spec"]["kubeConfig"]>;
  namespace: string;
  signal: AbortSignal;
}

/** Reads what `spec.kubeConfig` refers to, which is in the namespace of the Kustomization. */
export async function readAccess(options: AccessOptions, { reference, namespace, signal }: Asked): Promise<Access> {
  const { secretRef, configMapRef } = reference;
  const [resource, name = ""] =
    secretRef === undefined ? [core.ConfigMap, configMapRef?.name] : ([core.Secret, secretRef.name] as const);
  const subject = `${resource.kind} ${namespace}/${name}`;
  const object = await options.kube.get({ resource, namespace, name }, { signal });
  if (object === undefined) {
    return { kind: "missing", name: subject, message: "it does not exist: create it, or correct spec.kubeConfig" };
  }
  return secretRef === undefined
    ? readDescription(options, { subject, namespace, data: dataOf(object), signal })
    : readKubeconfig(options, { subject, key: secretRef.key, data: dataOf(object) });
}

const defaultKeys = ["value", "value.yaml"];

function readKubeconfig(
  { permitInsecureTls }: AccessOptions,
  { subject, key, data }: { subject: string; key: string | undefined; data: Record<string, string> },
): Access {
  const keys = key ? [key] : defaultKeys;
  const encoded = keys.map((name) => data[name]).find((value) => value !== undefined);
  if (encoded === undefined) {
    const message = `it has no key ${keys.join(" or ")}: put a kubeconfig there, or name its key in spec.kubeConfig.secretRef.key`;
    return { kind: "unusable", name: subject, message };
  }
  const text = Buffer.from(encoded, "base64").toString();
  const selfContained = { text, origin: "its kubeconfig", permitInsecureTls };
  return {
    kind: "found",
    key: hash("sha256", text),
    name: subject,
    connect: (options) => connect({ ...options, selfContained }),
  };
}

function dataOf(object: KubeObject): Record<string, string> {
  return (object["data"] ?? {}) as Record<string, string>;
}
