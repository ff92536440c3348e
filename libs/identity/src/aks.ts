import { readFile } from "node:fs/promises";
import { Fault, Reason } from "@leat/api";
import { isJsonObject, textOf } from "@leat/http";
import { withoutTrailing } from "@leat/text";
import { parseYaml } from "@leat/yaml";
import { cloudJson } from "./cloud-request.ts";
import type { Cloud } from "./cloud.ts";
import { canonical, complete, matchedId, pemIn } from "./cluster-answer.ts";
import type { Identity } from "./identity.ts";
import type { Location, ManagedCluster } from "./managed-cluster.ts";

const resource =
  /^\/subscriptions\/([^/?#]{36})\/resourceGroups\/([^/?#]{1,200})\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/?#]{1,200})$/i;
const example =
  "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>";

/** The application that every cluster of AKS is at Entra ID. */
const serverScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
const apiVersion = "2025-05-01";

/** A cluster of AKS, by the id of the resource. */
export function aksCluster(id: string, cloud: Cloud): ManagedCluster {
  return {
    locate: async (identity, server, signal) => {
      const [subscription, group, name] = matchedId(id, resource, example).map(encodeURIComponent);
      const path = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;
      const askManager = await managerOf(cloud, identity, signal);
      const { properties } = await askManager("GET", path);
      if (!isJsonObject(properties) || !isJsonObject(properties["aadProfile"])) {
        throw new Fault(
          Reason.KubeconfigInvalid,
          "it is an AKS cluster without Microsoft Entra ID integration: enable it for the cluster",
        );
      }
      const { kubeconfigs } = await askManager("POST", `${path}/listClusterUserCredential`);
      return chosen(Array.isArray(kubeconfigs) ? kubeconfigs : [], server);
    },
    token: (identity, signal) => identity.azure(serverScope, signal),
  };
}

function chosen(kubeconfigs: readonly unknown[], server: string | undefined): Location {
  const locations = kubeconfigs.filter(isJsonObject).map(({ value }) => locationIn(pemIn(textOf(value))));
  const location = locations.find((one) => server === undefined || canonical(one.server) === canonical(server));
  if (location) return complete("AKS", { ...location, server: server ?? location.server });
  const known = locations.map((one) => one.server).join(", ") || "no address";
  throw new Fault(Reason.KubeconfigInvalid, `its address is not an address of the cluster, which has ${known}`);
}

/** What AKS gives is a whole kubeconfig, of which no credentials are taken. */
function locationIn(text: string): Location {
  const parsed = parseYaml(text, "the kubeconfig of AKS");
  const [entry] = isJsonObject(parsed) && Array.isArray(parsed["clusters"]) ? (parsed["clusters"] as unknown[]) : [];
  const cluster = isJsonObject(entry) && isJsonObject(entry["cluster"]) ? entry["cluster"] : {};
  return { server: textOf(cluster["server"]), ca: pemIn(textOf(cluster["certificate-authority-data"])) };
}

async function managerOf({ http, env }: Cloud, identity: Identity, signal: AbortSignal) {
  const { endpoint, audience } = await managerAddress(env);
  const { token } = await identity.azure(`${audience}/.default`, signal);
  return async (method: "GET" | "POST", path: string) =>
    cloudJson(http, {
      method,
      url: `${endpoint}${path}?api-version=${apiVersion}`,
      headers: { authorization: `Bearer ${token}` },
      service: "Azure Resource Manager",
      secrets: [token],
      signal,
    });
}

interface Manager {
  endpoint: string;
  audience: string;
}

/** Each of Azure's clouds has its own, and a file may name that of another one. */
async function managerAddress(env: Cloud["env"]): Promise<Manager> {
  const path = env["AZURE_ENVIRONMENT_FILEPATH"];
  if (path) return managerIn(path);
  const authority = env["AZURE_AUTHORITY_HOST"] ?? "";
  const host = authority.includes("chinacloudapi.cn")
    ? "management.chinacloudapi.cn"
    : authority.includes("microsoftonline.us")
      ? "management.usgovcloudapi.net"
      : "management.azure.com";
  return { endpoint: `https://${host}`, audience: `https://${host}` };
}

async function managerIn(path: string): Promise<Manager> {
  const fields = parseYaml(await readFile(path, "utf8"), "the file of AZURE_ENVIRONMENT_FILEPATH");
  const [endpoint, audience] = isJsonObject(fields)
    ? [textOf(fields["resourceManagerEndpoint"]), textOf(fields["tokenAudience"])]
    : ["", ""];
  if (endpoint !== "" && audience !== "") {
    return { endpoint: withoutTrailing(endpoint, "/"), audience: withoutTrailing(audience, "/") };
  }
  throw new Fault(
    Reason.KubeconfigInvalid,
    "the file of AZURE_ENVIRONMENT_FILEPATH must have resourceManagerEndpoint and tokenAudience",
  );
}
