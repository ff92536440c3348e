import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

/** As in the chart's `kubeVersion`. */
const oldestMinor = 33;

const { ok, failure } = findingsAbout("cluster");

/** The API server is one that Leat works with. */
export async function checkCluster({ kube, signal, waitFor }: Cluster): Promise<Finding[]> {
  waitFor("the version of the API server");
  const version = await kube.serverVersion({ signal });
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const isOld = Number(major) === 1 && Number(minor) < oldestMinor;
  return [
    isOld
      ? failure(`Kubernetes ${version} is too old: v1.${oldestMinor} or newer is required`)
      : ok(`Kubernetes ${version}`),
  ];
}
