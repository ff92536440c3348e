import { core, type KubeObject, type ResourceDefinition } from "@leat/api";
import { conditionOf } from "../cluster/condition-of.ts";
import { kinds } from "../cluster/kinds.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, failure } = findingsAbout("definitions");

/** Each kind is served in the version that this command and the controllers speak. */
export function checkDefinitions({ kube, signal, waitFor }: Cluster): Promise<Finding[]> {
  waitFor("the custom resource definitions");
  return Promise.all(
    kinds.map(async ({ definition }) => {
      const name = `${definition.plural}.${definition.group}`;
      return judge(definition, await kube.get({ resource: core.CustomResourceDefinition, name }, { signal }));
    }),
  );
}

function judge({ kind, apiVersion, version }: ResourceDefinition, found: KubeObject | undefined): Finding {
  const subject = `${kind} of ${apiVersion}`;
  if (found === undefined) return failure(`${subject} is not there: \`leat install\` installs its definition`);
  const served = versionsOf(found).filter((one) => one.served);
  if (!served.some(({ name }) => name === version)) {
    const names = served.map(({ name }) => name).join(", ");
    return failure(`${subject} is not served, but ${names}: \`leat install\` brings its definition up to date`);
  }
  const established = conditionOf(found, "Established");
  if (established?.status !== "True") return failure(`${subject} is not served: ${established?.message ?? "not yet"}`);
  return ok(subject);
}

function versionsOf({ spec }: KubeObject): Array<{ name: string; served: boolean }> {
  return (spec as { versions: Array<{ name: string; served: boolean }> }).versions;
}
