import type { Kustomization } from "@leat/api";
import { type Identities, type Identity, nobody } from "@leat/identity";
import type { Asker } from "@leat/sops";

export interface AskersOptions {
  identities: Pick<Identities, "own" | "of">;
  /** Account that asks where an object names none; empty where the controller itself does. */
  defaultAccount: string;
  /** Whether the controller itself may ask for objects of the namespace. */
  permitsOwn: (namespace: string) => boolean;
  /** Gives tokens of Vault for whoever asks; absent where nobody logs in there. */
  vaultLogin?: ((identity: Identity) => Asker["vaultToken"]) | undefined;
  /** A token of Vault that the controller itself was given. */
  ownVaultToken?: string | undefined;
}

/**
 * Who asks key services for a Kustomization: the account that it names, else the one that all have which name none, else the
 * controller itself.
 */
export function askers(options: AskersOptions) {
  return async (object: Kustomization, signal: AbortSignal): Promise<Asker> => {
    const identity = await identityFor(object, options, signal);
    const { vaultLogin, ownVaultToken, identities } = options;
    if (vaultLogin) return { identity, vaultToken: vaultLogin(identity) };
    const isOwn = ownVaultToken !== undefined && identity === identities.own;
    return isOwn ? { identity, vaultToken: async () => ownVaultToken } : { identity };
  };
}

async function identityFor(
  { metadata: { namespace }, spec }: Kustomization,
  { identities, defaultAccount, permitsOwn }: AskersOptions,
  signal: AbortSignal,
): Promise<Identity> {
  // An empty name is none: it must not make the controller itself ask.
  const name = spec.decryption?.serviceAccountName;
  if (name) return identities.of({ namespace, name }, signal);
  if (defaultAccount !== "") return identities.of({ namespace, name: defaultAccount, isDefault: true }, signal);
  return permitsOwn(namespace) ? identities.own : nobody(mayNotAsk);
}

const mayNotAsk =
  "the controller does not ask for objects whose tenants have to act as themselves: name an account with " +
  "spec.decryption.serviceAccountName, or let --default-decryption-service-account name one for all";
