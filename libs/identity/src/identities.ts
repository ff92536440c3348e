import { Fault, Reason } from "@leat/api";
import type { Environment, Http } from "@leat/http";
import type { Kube } from "@leat/kube";
import { accountIdentity, type AccountRef } from "./account-identity.ts";
import type { Cloud } from "./cloud.ts";
import type { Identity } from "./identity.ts";
import { ownIdentity } from "./own-identity.ts";
import { createTokenCache, type TokenCacheOptions } from "./token-cache.ts";

/** Identities for workload identity at a cloud. */
export interface Identities {
  /** The controller itself. */
  own: Identity;
  /** A ServiceAccount, as it is in the cluster now. */
  of: (account: AccountRef, signal: AbortSignal) => Promise<Identity>;
  cloud: Cloud;
}

export interface IdentitiesOptions {
  /** The cluster that the accounts are in, as the controller. */
  kube: Kube;
  /** The way out to clouds. */
  http: Http;
  /** The way to what answers on the node itself. */
  local: Http;
  env: Environment;
  cache: TokenCacheOptions;
  /** Whether the accounts of objects may act at clouds. */
  permitAccounts: boolean;
}

export function createIdentities({ kube, http, local, env, cache, permitAccounts }: IdentitiesOptions): Identities {
  const cloud: Cloud = { http, local, env, cache: createTokenCache(cache) };
  return {
    own: ownIdentity({ kube, cloud }),
    of: async (account, signal) => {
      const identity = await accountIdentity({ kube, cloud }, account, signal);
      return permitAccounts
        ? identity
        : { ...deniedIdentity(gateIsOff(identity.name)), kubernetes: identity.kubernetes };
    },
    cloud,
  };
}

function gateIsOff(name: string): string {
  return `${name} cannot be used for workload identity: the feature gate ObjectLevelWorkloadIdentity of the controller is required`;
}

/** An identity that is rejected everything, with the reason. */
export function deniedIdentity(why: string): Identity {
  const reject = async () => Promise.reject(new Fault(Reason.AccessDenied, why));
  return { name: "nobody", key: why, aws: reject, azure: reject, gcp: reject, kubernetes: reject };
}
