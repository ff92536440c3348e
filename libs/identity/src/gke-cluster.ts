import { isJsonObject, textOf } from "@leat/http";
import { cloudJson } from "./cloud-request.ts";
import type { Cloud } from "./cloud.ts";
import { complete, matchedId, pemIn } from "./cluster-answer.ts";
import { universeOf } from "./gcp-token.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

const resource = /^(projects\/[\w.:-]{1,200}\/locations\/[\w-]{1,200}\/clusters\/[\w-]{1,200})$/;

/** A cluster of GKE, by the name of the resource. */
export function gkeCluster(id: string, { http, env }: Cloud): ManagedCluster {
  return {
    locate: async (identity, server, signal) => {
      const [name = ""] = matchedId(id, resource, "projects/<project>/locations/<location>/clusters/<name>");
      const { token } = await identity.gcp(signal);
      const answer = await cloudJson(http, {
        url: `https://container.${universeOf(env)}/v1/${name}`,
        headers: { authorization: `Bearer ${token}` },
        service: "GKE",
        secrets: [token],
        signal,
      });
      const { endpoint, masterAuth } = answer;
      const address = textOf(endpoint) && `https://${textOf(endpoint)}`;
      const ca = isJsonObject(masterAuth) ? pemIn(textOf(masterAuth["clusterCaCertificate"])) : "";
      return complete("GKE", { server: server ?? address, ca });
    },
    token: (identity, signal) => identity.gcp(signal),
  };
}
