import { core, type KubeObject } from "@leat/api";
import { type Controller, installedControllers } from "../cluster/controllers.ts";
import { versionText } from "../program/version-text.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, warning, failure } = findingsAbout("controllers");

/** The controllers that are installed, Leat's and Flux's, act, and no two of them on the same objects. */
export async function checkControllers(cluster: Cluster): Promise<Finding[]> {
  const controllers = await installedControllers(cluster);
  if (controllers.length === 0)
    return [failure("no controllers in the cluster; `leat install` installs them (`leat run` is not detected)")];
  const each = await Promise.all(controllers.map((controller) => judge(cluster, controller)));
  return [...each, ...rivals(controllers)];
}

async function judge(cluster: Cluster, controller: Controller): Promise<Finding> {
  const { name, namespace, deployment, isOurs, version } = controller;
  const { replicas: wanted = 1 } = deployment["spec"] as { replicas?: number };
  const { readyReplicas: ready = 0 } = (deployment["status"] ?? {}) as { readyReplicas?: number };
  const subject = `${isOurs ? "Leat" : "Flux"}'s ${name} ${version} in ${namespace}`;
  if (wanted === 0) return warning(`${subject} has 0 replicas`);
  if (ready < wanted) {
    const advice = `kubectl -n ${namespace} describe deployment ${deployment.metadata.name}`;
    return failure(`${subject}: ${ready} of ${wanted} replicas ready; \`${advice}\` and \`leat logs\` show why`);
  }
  const leader = await leaderOf(cluster, controller);
  const said = `${subject}: ${ready} of ${wanted} replicas ready${leader === undefined ? "" : `, leader ${leader}`}`;
  // The chart's label has a `v` in front, as an image's tag has.
  if (!isOurs || version === `v${versionText}`) return ok(said);
  return warning(`${said}; this command is ${versionText}; \`leat install\` upgrades it`);
}

/** The pod that holds the Lease of a controller, as far as that may be read. */
async function leaderOf({ kube, signal }: Cluster, { name, namespace, args }: Controller): Promise<string | undefined> {
  if (shardOf(args) !== "") return undefined;
  const lease: KubeObject | undefined = await kube
    .get({ resource: core.Lease, namespace, name: `${name}-leader-election` }, { signal })
    .catch(() => undefined);
  const { holderIdentity } = (lease?.["spec"] ?? {}) as { holderIdentity?: string };
  return holderIdentity?.split("_", 1)[0] || undefined;
}

/** Two of a name that see the same objects undo each other's work. */
function rivals(controllers: readonly Controller[]): Finding[] {
  const acting = controllers.filter(({ deployment }) => (deployment["spec"] as { replicas?: number }).replicas !== 0);
  const groups = Map.groupBy(acting, ({ name, args }) => [name, shardOf(args)].join(" "));
  return [...groups.values()]
    .filter((group) => group.length > 1 && !group.every(({ args }) => seesItsNamespaceOnly(args)))
    .map((group) => {
      const places = group.map(({ namespace, deployment }) => `${namespace}/${deployment.metadata.name}`).join(", ");
      return failure(`${group[0]?.name} runs more than once for the same objects: ${places}; scale all but one to 0`);
    });
}

function shardOf(args: readonly string[]): string {
  return (
    args
      .findLast((arg) => arg.startsWith("--watch-label-selector="))
      ?.split("=")
      .slice(1)
      .join("=") ?? ""
  );
}

function seesItsNamespaceOnly(args: readonly string[]): boolean {
  return args.findLast((arg) => arg.startsWith("--watch-all-namespaces")) === "--watch-all-namespaces=false";
}
