import { core, type Kustomization } from "@leat/api";
import type { Kube } from "@leat/kube";

export interface Acting {
  object: Kustomization;
  /** The cluster that is applied to. */
  target: Kube;
  /** Used where the object names none; empty for the controller's own identity. */
  defaultServiceAccount: string;
}

/** The client that acts for a Kustomization: its ServiceAccount where it has one, nothing where the controller itself acts. */
export function actingAs(acting: Acting): { as?: Kube } {
  const name = accountOf(acting);
  if (name === "") return {};
  return { as: acting.target.impersonate(`system:serviceaccount:${acting.object.metadata.namespace}:${name}`) };
}

/** Name of the ServiceAccount to act as, where it does not exist. */
export async function missingAccount(acting: Acting, signal: AbortSignal): Promise<string | undefined> {
  const name = accountOf(acting);
  if (name === "") return undefined;
  const { namespace } = acting.object.metadata;
  const account = await acting.target.get(
    { resource: core.ServiceAccount, namespace, name },
    { metadataOnly: true, signal },
  );
  return account === undefined ? name : undefined;
}

function accountOf({ object: { spec }, defaultServiceAccount }: Acting): string {
  // An empty name is none: it must not make the controller itself act.
  return spec.serviceAccountName || defaultServiceAccount;
}
