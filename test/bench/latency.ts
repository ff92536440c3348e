import { core } from "@leat/api";
import type { OwnHarness } from "../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { startScenario } from "../harness/scenario.ts";
import type { Measured } from "./measured.ts";
import { valueOf, watchObjects } from "./seen.ts";

/** From the request to reconcile the GitRepository, with a new commit already pushed, until the object has changed. */
export async function latency(harness: OwnHarness, rounds: number): Promise<Measured> {
  await using scenario = await startScenario(harness, "latency");
  const { namespace, commit, apply, untilReady, request } = scenario;
  await using sight = watchObjects(harness.kube, core.ConfigMap, namespace);
  await commit({ "app/one.yaml": configMap("one", "0") });
  await apply(gitRepository() + kustomization());
  await untilReady("Kustomization/app");
  const seconds: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const sha = await commit({ "app/one.yaml": configMap("one", String(round)) });
    const started = performance.now();
    await request("GitRepository/repo");
    const changed = await sight.when("one", (object) => valueOf(object) === String(round));
    seconds.push((changed - started) / 1000);
    await untilReady("Kustomization/app", sha);
  }
  return { scenario: "latency", about: "request after a push → object changed", seconds };
}
