import { isJsonObject, textOf } from "@leat/http";
import { awsEndpoint } from "./aws-endpoint.ts";
import { presigned, signed } from "./aws-signature.ts";
import { cloudJson } from "./cloud-request.ts";
import type { Cloud } from "./cloud.ts";
import { complete, matchedId, pemIn } from "./cluster-answer.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

const arn = /^arn:aws[\w-]*:eks:([a-z0-9-]{1,100}):[0-9]{1,30}:cluster\/([A-Za-z0-9_-]{1,200})$/;

/** So long EKS takes a token, and no longer one is made for. */
const tokenSeconds = 900;

/** A cluster of EKS, by its ARN. */
export function eksCluster(id: string, { http, env }: Cloud): ManagedCluster {
  const parts = () => {
    const [region = "", name = ""] = matchedId(id, arn, "arn:aws:eks:<region>:<account>:cluster/<name>");
    return { region, name };
  };
  return {
    locate: async (identity, server, signal) => {
      const { region, name } = parts();
      const credentials = await identity.aws(region, signal);
      const request = { method: "GET", url: `${awsEndpoint("eks", region, env)}/clusters/${name}` } as const;
      const headers = await signed({ ...request, region, service: "eks" }, credentials);
      const { cluster } = await cloudJson(http, { ...request, headers, service: "EKS", signal });
      const { endpoint, certificateAuthority } = isJsonObject(cluster) ? cluster : {};
      const ca = isJsonObject(certificateAuthority) ? pemIn(textOf(certificateAuthority["data"])) : "";
      return complete("EKS", { server: server ?? textOf(endpoint), ca });
    },
    token: async (identity, signal) => {
      const { region, name } = parts();
      const credentials = await identity.aws(region, signal);
      const ends = Date.now() + tokenSeconds * 1000;
      const url = new URL(`${awsEndpoint("sts", region, env)}/?Action=GetCallerIdentity&Version=2011-06-15`);
      url.searchParams.set("X-Amz-Expires", String(tokenSeconds));
      const headers = { "x-k8s-aws-id": name };
      const proof = await presigned({ method: "GET", url: url.href, headers, region, service: "sts" }, credentials);
      return {
        token: `k8s-aws-v1.${Buffer.from(proof).toString("base64url")}`,
        expiresAt: new Date(Math.min(ends, credentials.expiresAt?.getTime() ?? ends)),
      };
    },
  };
}
