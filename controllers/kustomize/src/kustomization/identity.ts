import type { Kustomization } from "@leat/api";
import type { Kube } from "@leat/kube";

export interface Acting {
  object: Kustomization;
  kube: Kube;
  /** Used where the object names none; empty for the controller's own identity. */
  defaultServiceAccount: string;
}

/** The client that acts for a Kustomization: its ServiceAccount where it has one, nothing where the controller itself acts. */
export function actingAs({ object: { metadata, spec }, kube, defaultServiceAccount }: Acting): { as?: Kube } {
  const account = spec.serviceAccountName ?? defaultServiceAccount;
  return account === "" ? {} : { as: kube.impersonate(`system:serviceaccount:${metadata.namespace}:${account}`) };
}
