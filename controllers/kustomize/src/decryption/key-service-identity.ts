import type { Kustomization } from "@leat/api";
import { deniedIdentity, type Identities, type Identity } from "@leat/identity";
import type { KeyServiceIdentity } from "@leat/sops";

export interface KeyServiceIdentityOptions {
  identities: Pick<Identities, "own" | "of">;
  /** ServiceAccount for objects that name none; empty for the controller's own identity. */
  defaultAccount: string;
  /** Whether the controller's own identity may be used for objects of the namespace. */
  permitsOwn: (namespace: string) => boolean;
  /** Gets Vault tokens for an identity; absent where no login at Vault is set up. */
  vaultLogin?: ((identity: Identity) => KeyServiceIdentity["vaultToken"]) | undefined;
  /** A Vault token of the controller itself. */
  ownVaultToken?: string | undefined;
}

/**
 * The identity whose rights count at key services for a Kustomization: of the account that it names, else of the default
 * account, else the controller's own.
 */
export function keyServiceIdentities(options: KeyServiceIdentityOptions) {
  return async (object: Kustomization, signal: AbortSignal): Promise<KeyServiceIdentity> => {
    const identity = await identityFor(object, options, signal);
    const { vaultLogin, ownVaultToken, identities } = options;
    if (vaultLogin) return { ...identity, vaultToken: vaultLogin(identity) };
    const isOwn = ownVaultToken !== undefined && identity === identities.own;
    return isOwn ? { ...identity, vaultToken: async () => ownVaultToken } : identity;
  };
}

async function identityFor(
  { metadata: { namespace }, spec }: Kustomization,
  { identities, defaultAccount, permitsOwn }: KeyServiceIdentityOptions,
  signal: AbortSignal,
): Promise<Identity> {
  // An empty name is none: it must not lead to the controller's own identity.
  const name = spec.decryption?.serviceAccountName;
  if (name) return identities.of({ namespace, name }, signal);
  if (defaultAccount !== "") return identities.of({ namespace, name: defaultAccount, isDefault: true }, signal);
  return permitsOwn(namespace) ? identities.own : deniedIdentity(ownIsDenied);
}

const ownIsDenied =
  "multi-tenancy is enabled: set spec.decryption.serviceAccountName or --default-decryption-service-account";
