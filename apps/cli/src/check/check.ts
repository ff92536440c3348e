import { ApiError } from "@leat/kube";
import type { Cluster } from "../cluster/with-cluster.ts";
import { checkCluster } from "./cluster.ts";
import { checkControllers } from "./controllers.ts";
import { checkCrds } from "./crds.ts";
import { type Finding, findingsAbout } from "./finding.ts";
import { checkObjects } from "./objects.ts";
import { checkInstallation, checkUse } from "./permissions.ts";

type Check = (cluster: Cluster) => Promise<Finding[]>;

/** Before an installation. */
const needed: ReadonlyArray<[about: Finding["about"], look: Check]> = [
  ["cluster", checkCluster],
  ["permissions", checkInstallation],
];
const all: ReadonlyArray<[about: Finding["about"], look: Check]> = [
  ["cluster", checkCluster],
  ["CRDs", checkCrds],
  ["controllers", checkControllers],
  ["permissions", checkUse],
  ["objects", checkObjects],
];

/** Looks at what is installed and whether it works; with `before`, only at what an installation needs. */
export async function check(cluster: Cluster, { before }: { before: boolean }): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [about, look] of before ? needed : all) {
    try {
      findings.push(...(await look(cluster)));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 403)) throw error;
      findings.push(findingsAbout(about).warning(`unknown, because you may not read them: ${error.message}`));
    }
  }
  return findings;
}
