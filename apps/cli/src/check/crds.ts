import { core, kinds, type KubeObject, type ResourceDefinition } from "@leat/api";
import { conditionOf } from "../cluster/condition-of.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, failure } = findingsAbout("CRDs");

/** Each kind is served in the version that this command and the controllers speak. */
export function checkCrds({ kube, signal, waitFor }: Cluster): Promise<Finding[]> {
  waitFor("the CRDs");
  return Promise.all(
    kinds.map(async (kind) => {
      const name = `${kind.plural}.${kind.group}`;
      return judge(kind, await kube.get({ resource: core.CustomResourceDefinition, name }, { signal }));
    }),
  );
}

function judge({ kind, apiVersion, version }: ResourceDefinition, found: KubeObject | undefined): Finding {
  const subject = `${kind} of ${apiVersion}`;
  if (found === undefined) return failure(`${subject} is missing; \`leat install\` installs its CRD`);
  const served = versionsOf(found).filter((one) => one.served);
  if (!served.some(({ name }) => name === version)) {
    const names = served.map(({ name }) => name).join(", ");
    return failure(`${subject} is not served (served: ${names}); \`leat install\` upgrades its CRD`);
  }
  const established = conditionOf(found, "Established");
  if (established?.status !== "True") return failure(`${subject} is not served: ${established?.message ?? "not yet"}`);
  return ok(subject);
}

function versionsOf({ spec }: KubeObject): Array<{ name: string; served: boolean }> {
  return (spec as { versions: Array<{ name: string; served: boolean }> }).versions;
}
