import { Fault } from "@leat/api";
import type { Identity, Token } from "@leat/identity";
import { awsKms } from "./aws-kms.ts";
import { azureKeyVault } from "./azure-key-vault.ts";
import { gcpKms } from "./gcp-kms.ts";
import type { KeyServices } from "./key-service.ts";
import type { Opener } from "./keys.ts";
import type { MasterKeyKind } from "./master-key.ts";
import type { Authorize } from "./token.ts";
import { type VaultToken, vaultTransit } from "./vault.ts";

/** Who asks the key services for which no entry says who does. */
export interface Asker {
  identity: Identity;
  /** Absent where Vault is not to be asked. */
  vaultToken?: VaultToken | undefined;
}

/** What opens data keys for whoever asks. */
export function openersFor({ identity, vaultToken }: Asker, services: KeyServices): Map<MasterKeyKind, Opener> {
  const openers = new Map<MasterKeyKind, Opener>([
    ["kms", awsKms((region, signal) => unasked(identity.aws(region, signal)), services)],
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
    openers.set(
      "hc_vault",
      vaultTransit((address, signal) => unasked(vaultToken(address, signal)), services),
    );
  }
  return openers;
}

function bearer(token: (signal: AbortSignal) => Promise<Token>): Authorize {
  return async (signal) => ({ authorization: `Bearer ${(await unasked(token(signal))).token}` });
}

/** The name of the key goes before the message. */
async function unasked<Value>(given: Promise<Value>): Promise<Value> {
  try {
    return await given;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.reason, `cannot be asked: ${error.message}`, { cause: error });
  }
}
