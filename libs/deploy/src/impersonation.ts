import { core } from "@leat/api";
import type { Kube } from "@leat/kube";

/** An object that may name the ServiceAccount whose rights it has. */
export interface Impersonating {
  metadata: { namespace: string };
  spec: { serviceAccountName?: string | undefined };
}

export interface ImpersonationOptions {
  /** The cluster that is applied to. */
  target: Kube;
  /** Used where an object names none; empty for the controller's own identity. */
  defaultServiceAccount: string;
}

/** A client with the rights of the object's ServiceAccount; none where the controller's own rights count. */
export function impersonated(object: Impersonating, options: ImpersonationOptions): { as?: Kube } {
  const name = accountOf(object, options);
  if (name === "") return {};
  return { as: options.target.impersonate(`system:serviceaccount:${object.metadata.namespace}:${name}`) };
}

/** Name of the ServiceAccount to impersonate, if it does not exist. */
export async function missingServiceAccount(
  object: Impersonating,
  options: ImpersonationOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = accountOf(object, options);
  if (name === "") return undefined;
  const { namespace } = object.metadata;
  const ref = { resource: core.ServiceAccount, namespace, name };
  const account = await options.target.get(ref, { metadataOnly: true, signal });
  return account === undefined ? name : undefined;
}

function accountOf({ spec }: Impersonating, { defaultServiceAccount }: ImpersonationOptions): string {
  // An empty name is none: it must not give the rights of the controller.
  return spec.serviceAccountName || defaultServiceAccount;
}
