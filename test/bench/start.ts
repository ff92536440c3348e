import { core } from "@leat/api";
import type { HarnessOptions, OwnHarness } from "../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../harness/scenario.ts";
import type { Measured } from "./measured.ts";
import { untilProbed } from "./probe.ts";
import { watchObjects } from "./seen.ts";

const mostRounds = 10;
const patienceMs = 60_000;
/** Where our programs keep their Leases. */
const ownNamespace = "flux-system";

/** Which controller, and the one object that awaits it. */
interface Subject {
  program: string;
  kind: string;
  name: string;
  manifest: string;
}

const subjects: Subject[] = [
  { program: "source-controller", kind: "GitRepository", name: "repo", manifest: gitRepository() },
  { program: "kustomize-controller", kind: "Kustomization", name: "app", manifest: kustomization() },
];

/**
 * What `start` wants of its harness: nothing runs yet, and each of our programs has to become leader, as in a cluster.
 * Others are left as they are described: Flux finds the namespace for it in a pod only.
 */
export function optionsForStart({ name }: OwnHarness["stack"]): Pick<HarnessOptions, "start" | "args"> {
  if (name !== "leat") return { start: false };
  const args = Object.fromEntries(subjects.map(({ program }) => [program, ["--enable-leader-election=true"]]));
  return { start: false, args };
}

/**
 * One controller after the other, on a cluster with nothing to reconcile but one object: from the start of its process until
 * its probe says that it is ready, and until the object is ready, which takes full caches and, in ours, a leader.
 */
export async function start(harness: OwnHarness, rounds: number): Promise<Measured> {
  await using scenario = await startScenario(harness, "start");
  await scenario.commit({ "app/one.yaml": configMap("one") });
  await scenario.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${ownNamespace}}\n`);
  const series: Record<string, number[]> = {};
  for (let round = 1; round <= Math.min(rounds, mostRounds); round++) {
    for (const subject of subjects) {
      const { probed, reconciled } = await timeStart(scenario, subject);
      (series[`${subject.program} → probe says ready`] ??= []).push(probed);
      (series[`${subject.program} → first object reconciled`] ??= []).push(reconciled);
    }
    await cleanUp(scenario);
  }
  const about = "process start → ready, and → the one object there is reconciled";
  return { scenario: "start", about, seconds: [], series };
}

/** Seconds from just before its process is made. */
async function timeStart(scenario: Scenario<OwnHarness>, { program, kind, name, manifest }: Subject) {
  const { harness, kube, namespace } = scenario;
  await scenario.apply(manifest);
  const group = kind === "GitRepository" ? "source" : "kustomize";
  const resource = await kube.resourceOf(`${group}.toolkit.fluxcd.io/v1`, kind);
  if (!resource) throw new Error(`there is no kind ${kind}`);
  await using sight = watchObjects(kube, resource, namespace);
  await sight.when(name, () => true);
  const started = performance.now();
  await harness.start(program);
  const [probed, reconciled] = await Promise.all([
    untilProbed(harness, program),
    sight.when(name, (object) => conditionOf(object, "Ready")?.status === "True", patienceMs),
  ]);
  return { probed: (probed - started) / 1000, reconciled: (reconciled - started) / 1000 };
}

/** As if none of them had ever run. */
async function cleanUp({ harness, kube, ...scenario }: Scenario<OwnHarness>): Promise<void> {
  for (const { kind, name } of subjects.toReversed()) {
    await scenario.delete(`${kind}/${name}`);
    await scenario.untilGone(`${kind}/${name}`);
  }
  await Promise.all(subjects.map(({ program }) => harness.stop(program)));
  await harness.removeStorage();
  const { objects } = await kube.list({ resource: core.Lease, namespace: ownNamespace });
  for (const { metadata } of objects) {
    await kube.delete({ resource: core.Lease, namespace: ownNamespace, name: metadata.name });
  }
}
