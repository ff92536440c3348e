import { hash } from "node:crypto";
import { core, Fault, type KubeObject, Reason } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";
import { awsClaim, roleAnnotation } from "./aws-claim.ts";
import { azureClaim, clientAnnotation, tenantAnnotation } from "./azure-claim.ts";
import { type Account, type Claim, subjectOf } from "./claim.ts";
import type { Cloud } from "./cloud.ts";
import { emailAnnotation, gcpClaim, providerAnnotation } from "./gcp-claim.ts";
import { type Identity, naming } from "./identity.ts";
import type { Ending } from "./token-cache.ts";

/** A ServiceAccount that is to act. */
export interface AccountRef {
  namespace: string;
  name: string;
  /** Whether a flag of the controller names it, and not the object. */
  isDefault?: boolean;
  /** Whom the tokens are for that prove it to a cloud; those that the cloud asks for where it is absent. */
  audiences?: readonly string[] | undefined;
}

const readAnnotations = [roleAnnotation, clientAnnotation, tenantAnnotation, emailAnnotation, providerAnnotation];

/** Who a ServiceAccount is, by its annotations and by the tokens that the cluster makes for it. Whether it exists shows when it is asked. */
export async function accountIdentity(
  world: { kube: Kube; cloud: Cloud },
  ref: AccountRef,
  signal: AbortSignal,
): Promise<Identity> {
  const { cloud, kube } = world;
  const { namespace, name } = ref;
  const found = await kube.get({ resource: core.ServiceAccount, namespace, name }, { metadataOnly: true, signal });
  const account: Account = { namespace, name, annotations: found?.metadata.annotations ?? {} };
  const subject = subjectOf(account);
  const { prove, tokenFor, key } = proofs(world, ref, found);
  const from = naming(subject);
  return {
    name: subject,
    key,
    aws: async (region, until) =>
      from(
        "AWS",
        prove(() => awsClaim(cloud, account, region), until),
      ),
    azure: async (scope, until) =>
      from(
        "Azure",
        prove(() => azureClaim(cloud, account, scope), until),
      ),
    gcp: async (until) =>
      from(
        "Google Cloud",
        prove(() => gcpClaim(cloud, account), until),
      ),
    kubernetes: async (audiences, until) => ({
      ...(await from("Kubernetes", tokenFor(audiences, until))),
      namespace,
      name,
    }),
  };
}

/** How an account proves who it is: with tokens that the cluster makes for it, which clouds exchange for theirs. */
function proofs(
  { kube, cloud }: { kube: Kube; cloud: Cloud },
  { namespace, name, isDefault = false, audiences: given }: AccountRef,
  found: KubeObject | undefined,
) {
  const uid = () => {
    if (found !== undefined) return found.metadata.uid;
    throw new Fault(Reason.AuthenticationFailed, isDefault ? defaultIsMissing : isMissing);
  };
  const tokenFor = async (audiences: readonly string[], until: AbortSignal) => {
    uid();
    try {
      return await kube.createToken({ namespace, name, audiences: [...audiences], signal: until });
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      throw new Fault(Reason.AuthenticationFailed, `cannot create a token for it: ${cause.message}`, { cause });
    }
  };
  const prove = async <Value extends Ending>(claim: () => Claim<Value>, until: AbortSignal) => {
    const whose = uid();
    const { parts, audiences, exchange } = claim();
    const make = async (limit: AbortSignal) =>
      exchange((await tokenFor(given ?? (await audiences(limit)), limit)).token, limit);
    return cloud.cache.get([namespace, name, whose, given, ...parts], make, until);
  };
  const read = readAnnotations.map((annotation) => found?.metadata.annotations?.[annotation]);
  const known = [namespace, name, found?.metadata.uid, given, read];
  return { prove, tokenFor, key: hash("sha256", JSON.stringify(known)) };
}

const isMissing = "it does not exist: create it, or use another one";
const defaultIsMissing =
  "it does not exist, and is the default of the controller: create it, or set serviceAccountName. " +
  "Multi-tenancy is enabled in this cluster; ask its administrators";
