import { core, kinds, type Resource } from "@leat/api";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, warning, failure } = findingsAbout("permissions");

/** All that the chart holds and that a namespace alone does not allow. */
const installed = [core.CustomResourceDefinition, core.ClusterRole, core.ClusterRoleBinding, core.Namespace];

/** Permissions of the user for the kinds: in the namespace of the command, or with `-A` in all. */
export async function checkUse(cluster: Cluster): Promise<Finding[]> {
  const where = cluster.scope === undefined ? "in all namespaces" : `in ${cluster.scope}`;
  const missing = await missingOf(
    cluster,
    kinds.flatMap((kind) => ["get", "list", "watch", "patch"].map((verb) => ({ verb, target: kind }))),
    cluster.scope,
  );
  return missing.length === 0
    ? [ok(`you may see, reconcile and suspend ${where}`)]
    : [warning(`you may not ${missing.join(", ")} ${where}`)];
}

/** What an installation needs. */
export async function checkInstallation(cluster: Cluster): Promise<Finding[]> {
  const asked = installed.map((target) => ({ verb: "create", target }));
  const missing = await missingOf(cluster, asked, undefined);
  return missing.length === 0
    ? [ok("you may install")]
    : [failure(`you may not ${missing.join(", ")}; an administrator must install Leat`)];
}

async function missingOf(
  { kube, signal, waitFor }: Cluster,
  asked: ReadonlyArray<{ verb: string; target: Resource }>,
  namespace: string | undefined,
): Promise<string[]> {
  waitFor("the list of your permissions");
  const answers = await Promise.all(
    asked.map(async ({ verb, target: { group, plural } }) => {
      const resourceAttributes = { verb, group, resource: plural, ...(namespace !== undefined && { namespace }) };
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: core.SelfSubjectAccessReview.kind,
        metadata: { name: "" },
      };
      const body = { ...review, spec: { resourceAttributes } };
      const { status } = await kube.create(core.SelfSubjectAccessReview, body, {
        fieldManager: "leat",
        signal,
      });
      return (status as { allowed: boolean }).allowed ? [] : [`${verb} ${plural}`];
    }),
  );
  return answers.flat();
}
