import { core, Fault, Reason } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";
import { ownAwsCredentials } from "./aws-own.ts";
import { ownAzureToken } from "./azure-token.ts";
import type { Cloud } from "./cloud.ts";
import { ownGcpToken } from "./gcp-own.ts";
import { type AccountToken, type Identity, naming } from "./identity.ts";

const name = "the controller";

/** The controller itself: as its environment says, and as what the API server takes it for. */
export function ownIdentity({ kube, cloud }: { kube: Kube; cloud: Cloud }): Identity {
  const named = naming(name);
  const { get } = cloud.cache;
  return {
    name,
    key: name,
    aws: (region, signal) =>
      named(
        "AWS",
        get(["own", "aws", region], (limit) => ownAwsCredentials(cloud, region, limit), signal),
      ),
    azure: (scope, signal) =>
      named(
        "Azure",
        get(["own", "azure", scope], (limit) => ownAzureToken(cloud, scope, limit), signal),
      ),
    gcp: (signal) =>
      named(
        "Google Cloud",
        get(["own", "gcp"], (limit) => ownGcpToken(cloud, limit), signal),
      ),
    kubernetes: (audiences, signal) => named("Kubernetes", ownToken(kube, audiences, signal)),
  };
}

async function ownToken(kube: Kube, audiences: readonly string[], signal: AbortSignal): Promise<AccountToken> {
  try {
    const review = {
      apiVersion: "authentication.k8s.io/v1",
      kind: core.SelfSubjectReview.kind,
      metadata: { name: "" },
    };
    const { status } = await kube.create(core.SelfSubjectReview, review, { fieldManager: "leat", signal });
    const { username = "" } = (status as { userInfo?: { username?: string } } | undefined)?.userInfo ?? {};
    const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
    if (namespace === undefined || account === undefined) {
      throw new Fault(
        Reason.AuthenticationFailed,
        `it is authenticated as ${username}, not as a ServiceAccount: set serviceAccountName`,
      );
    }
    const token = await kube.createToken({ namespace, name: account, audiences: [...audiences], signal });
    return { ...token, namespace, name: account };
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new Fault(Reason.AuthenticationFailed, `cannot create a token for it: ${cause.message}`, { cause });
  }
}
