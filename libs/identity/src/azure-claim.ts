import { azureTokenFor } from "./azure-token.ts";
import { type Account, type Claim, neededAnnotation } from "./claim.ts";
import type { Cloud, Token } from "./cloud.ts";

export const clientAnnotation = "azure.workload.identity/client-id";
export const tenantAnnotation = "azure.workload.identity/tenant-id";

/** An id, or the domain of a tenant: it becomes a part of a path. */
const id = /^[A-Za-z0-9][A-Za-z0-9.-]{0,200}$/;

/** An application, or a managed identity, of Azure. */
export function azureClaim(cloud: Cloud, account: Account, scope: string): Claim<Token> {
  const tenant = neededAnnotation(account, tenantAnnotation, id);
  const client = neededAnnotation(account, clientAnnotation, id);
  return {
    parts: ["azure", tenant, client, scope],
    audiences: async () => ["api://AzureADTokenExchange"],
    exchange: async (proof, signal) => azureTokenFor(cloud, { tenant, client, scope, proof }, signal),
  };
}
