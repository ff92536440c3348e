import { Fault } from "@leat/api";
import type { Identity, Token } from "@leat/identity";
import { awsKms } from "./aws-kms.ts";
import { azureKeyVault } from "./azure-key-vault.ts";
import { gcpKms } from "./gcp-kms.ts";
import type { KeyServices } from "./key-service.ts";
import type { KeyDecrypter } from "./key-decrypter.ts";
import type { MasterKeyKind } from "./master-key.ts";
import type { Authorize } from "./token.ts";
import { type VaultToken, vaultTransit } from "./vault.ts";

/** Whose rights count at key services for which no entry of a Secret has credentials. */
export interface KeyServiceIdentity extends Identity {
  /** Absent where Vault is not used. */
  vaultToken?: VaultToken | undefined;
}

/** Decrypters of data keys at the services that know the identity. */
export function decryptersFor(identity: KeyServiceIdentity, services: KeyServices): Map<MasterKeyKind, KeyDecrypter> {
  const { vaultToken } = identity;
  const decrypters = new Map<MasterKeyKind, KeyDecrypter>([
    ["kms", awsKms((region, signal) => credentialsFrom(identity.aws(region, signal)), services)],
    [
      "gcp_kms",
      gcpKms(
        bearer((signal) => identity.gcp(signal)),
        services,
      ),
    ],
    ["azure_kv", azureKeyVault((scope) => bearer((signal) => identity.azure(scope, signal)), services)],
  ]);
  if (vaultToken) {
    decrypters.set(
      "hc_vault",
      vaultTransit((address, signal) => credentialsFrom(vaultToken(address, signal)), services),
    );
  }
  return decrypters;
}

function bearer(token: (signal: AbortSignal) => Promise<Token>): Authorize {
  return async (signal) => ({ authorization: `Bearer ${(await credentialsFrom(token(signal))).token}` });
}

/** A failure says that the key service cannot be asked; the name of the key goes before the message. */
async function credentialsFrom<Value>(given: Promise<Value>): Promise<Value> {
  try {
    return await given;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.reason, `cannot be used: ${error.message}`, { cause: error });
  }
}
