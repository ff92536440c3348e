import { core } from "@leat/api";
import type { OwnHarness } from "../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { startScenario } from "../harness/scenario.ts";
import type { Measured } from "./measured.ts";
import { valueOf, watchObjects } from "./seen.ts";

/** From a hand edit until the object is as declared again; each round edits another object, so that no pause for repeated edits counts. */
export async function drift(harness: OwnHarness, rounds: number): Promise<Measured> {
  const about = "hand edit → as declared again";
  if (harness.stack.name !== "leat") return { scenario: "drift", about, seconds: [], instead: "at the interval" };
  await using scenario = await startScenario(harness, "drift");
  const { namespace, commit, apply, untilReady, edit } = scenario;
  await using sight = watchObjects(harness.kube, core.ConfigMap, namespace);
  const names = Array.from({ length: rounds }, (_, round) => `object-${round}`);
  await commit(Object.fromEntries(names.map((name) => [`app/${name}.yaml`, configMap(name)])));
  await apply(gitRepository() + kustomization());
  await untilReady("Kustomization/app");
  const seconds: number[] = [];
  for (const name of names) {
    const started = performance.now();
    await edit(`ConfigMap/${name}`, { data: { value: "by hand" } });
    await sight.when(name, (object) => valueOf(object) === "by hand");
    seconds.push(((await sight.when(name, (object) => valueOf(object) === "1")) - started) / 1000);
  }
  return { scenario: "drift", about, seconds };
}
