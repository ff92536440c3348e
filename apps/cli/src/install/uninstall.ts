import { kinds } from "@leat/api";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { listObjects, KindMissing } from "../cluster/find.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { Helm } from "./helm.ts";
import { removeDefinitions } from "./remove-definitions.ts";
import { otherControllers, type Release, remainingControllers, stopped } from "./running-controllers.ts";

export interface Uninstallation extends Release {
  /** Whether the custom resource definitions go too, and with them all custom resources. */
  crds: boolean;
}

/**
 * Removes the controllers, and where it is wanted the custom resource definitions. What the controllers have applied
 * stays in any case.
 *
 * @throws Failure where there is nothing to uninstall, and where other controllers would take a removal of the definitions
 *   for a wish to remove what was applied
 */
export async function uninstall(
  cluster: Cluster,
  helm: Helm,
  { release, namespace, crds }: Uninstallation,
  { out }: Context,
): Promise<void> {
  const isThere = await hasRelease(helm, release);
  if (!isThere && !crds)
    throw new Failure(`Helm release ${release} not found in namespace ${namespace}; set -n or --release`);
  if (crds) reject(await otherControllers(cluster, { release, namespace }));
  if (isThere) {
    cluster.waitFor("helm to remove the controllers");
    // The pods are gone before the Deployments are. Without `--wait`: helm may end it with an error while they still terminate.
    await helm.run(["uninstall", release, "--cascade", "foreground", ...helm.timeout]);
    await stopped(cluster, { release, namespace });
    out.line(`Removed the controllers of the Helm release ${release} from ${namespace}.`);
  }
  if (!crds) {
    for (const line of await staying(cluster, namespace)) out.line(line);
    return;
  }
  reject(await remainingControllers(cluster));
  const removed = await removeDefinitions(cluster);
  out.line(`Removed ${removed.objects} custom resources and ${removed.definitions} CRDs.`);
  out.line(`Applied objects and the namespace ${namespace} remain.`);
}

async function hasRelease(helm: Helm, release: string): Promise<boolean> {
  const answer = await helm.run(["list", "--filter", `^${release}$`, "--output", "json"]);
  return (JSON.parse(answer) as unknown[]).length > 0;
}

/** A controller that still runs would see objects go, and prune what they have applied. */
function reject(others: readonly string[]): void {
  if (others.length === 0) return;
  throw new Failure(
    `the CRDs were not removed, because other controllers would prune applied objects: ${others.join(", ")}\nStop them first.`,
  );
}

async function staying(cluster: Cluster, namespace: string): Promise<string[]> {
  const everywhere = { ...cluster, scope: undefined };
  const counts = await Promise.all(
    kinds.map(async (kind) => {
      const objects = await listObjects(everywhere, kind, { metadataOnly: true }).catch((error: unknown) => {
        if (error instanceof KindMissing) return [];
        throw error;
      });
      return `${objects.length} ${objects.length === 1 ? kind.kind : kind.plural}`;
    }),
  );
  return [
    "Remaining:",
    `  CRDs and custom resources: ${counts.join(", ")}; \`leat uninstall --crds\` removes them`,
    "  applied objects",
    `  the namespace ${namespace}`,
  ];
}
