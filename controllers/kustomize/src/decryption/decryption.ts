import type { Clouds, ObjectKey, Setup } from "@leat/controller";
import { readKeys } from "@leat/sops";
import type { Config } from "../config.ts";
import type { World } from "../kustomization/attempt.ts";
import { keyServiceIdentities } from "./key-service-identity.ts";
import { vaultLogin } from "./vault-login.ts";

export type Decryption = Pick<World, "sopsAgeSecret" | "permitsAccounts" | "keyServiceIdentityFor" | "readKeys">;

/** How Secrets are decrypted. With multi-tenancy, the controller's own identity serves its own namespace alone. */
export function decryptionOf({ config, kube, env }: Setup<Config>, { identities, http }: Clouds): Decryption {
  const { sopsVaultConfigmap: name, runtimeNamespace: namespace } = config;
  const addresses = { aws: env["AWS_ENDPOINT_URL_KMS"] || env["AWS_ENDPOINT_URL"] || undefined };
  return {
    sopsAgeSecret: sopsAgeSecret(config),
    permitsAccounts: config.featureGates.ObjectLevelWorkloadIdentity,
    keyServiceIdentityFor: keyServiceIdentities({
      identities,
      defaultAccount: config.defaultDecryptionServiceAccount,
      permitsOwn: (of) => config.defaultServiceAccount === "" || of === namespace,
      vaultLogin: name === "" ? undefined : vaultLogin({ kube, http, configMap: { namespace, name } }),
      ownVaultToken: env["VAULT_TOKEN"] || undefined,
    }),
    readKeys: (entries, identity) => readKeys(entries, { http, addresses, env }, identity),
  };
}

function sopsAgeSecret({ sopsAgeSecret: named, runtimeNamespace }: Config): ObjectKey | undefined {
  const [name, namespace = runtimeNamespace] = named?.split("/").toReversed() ?? [];
  return name === undefined ? undefined : { namespace, name };
}
