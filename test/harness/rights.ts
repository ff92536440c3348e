import type { KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import type { ControlPlane } from "@leat/testing";
import { release, renderChart } from "./helm.ts";

/** Who may do what, of all that the chart installs. */
const kinds = new Set(["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]);

export const componentLabel = "app.kubernetes.io/component";

/**
 * Gives the chart's ServiceAccounts their roles, so that tests with them find missing permissions.
 *
 * @param values of the chart
 * @returns kubeconfigs by the name of the controller
 */
export async function grantRights(
  { kube, controlPlane }: { kube: Kube; controlPlane: ControlPlane },
  values: object,
): Promise<Map<string, string>> {
  const objects = (await renderChart(values)).filter(({ kind }) => kinds.has(kind));
  const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: release.namespace } };
  for (const object of [namespace, ...objects]) {
    const resource = await kube.resourceOf(object.apiVersion, object.kind);
    if (resource === undefined) throw new Error(`no resource for ${object.kind}`);
    await kube.apply(resource, object, { fieldManager: "user", force: true });
  }
  const accounts = objects.filter(({ kind }) => kind === "ServiceAccount");
  const kubeconfigs = accounts.map(async ({ metadata: { name, labels } }): Promise<[string, string]> => {
    const kubeconfig = await controlPlane.kubeconfigFor({ namespace: release.namespace, name });
    return [labels?.[componentLabel] ?? "", kubeconfig];
  });
  return new Map(await Promise.all(kubeconfigs));
}
