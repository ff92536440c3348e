import type { Kustomization } from "@leat/api";
import type { Kube } from "@leat/kube";

export interface Acting {
  object: Kustomization;
  /** The cluster that is applied to. */
  target: Kube;
  /** Used where the object names none; empty for the controller's own identity. */
  defaultServiceAccount: string;
}

/** The client that acts for a Kustomization: its ServiceAccount where it has one, nothing where the controller itself acts. */
export function actingAs({ object: { metadata, spec }, target, defaultServiceAccount }: Acting): { as?: Kube } {
  const account = spec.serviceAccountName ?? defaultServiceAccount;
  return account === "" ? {} : { as: target.impersonate(`system:serviceaccount:${metadata.namespace}:${account}`) };
}
