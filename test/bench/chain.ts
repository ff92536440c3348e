import type { OwnHarness } from "../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { startScenario } from "../harness/scenario.ts";
import type { Measured } from "./measured.ts";

const links = ["a", "b", "c", "d", "e"];
// A stack that looks after dependencies every 30 s needs some two minutes.
const limitMs = 300_000;

/** Five Kustomizations, each depending on the one before: from the request after a commit until all are ready at it. */
export async function chain(harness: OwnHarness, rounds: number): Promise<Measured> {
  await using scenario = await startScenario(harness, "chain");
  const { commit, apply, untilReady, request } = scenario;
  const files = (value: string) =>
    Object.fromEntries(links.map((link) => [`${link}/one.yaml`, configMap(link, value)]));
  const first = await commit(files("0"));
  const declared = links.map((link, index) => {
    const dependsOn = index === 0 ? "" : `\n  dependsOn: [{name: ${links[index - 1]}}]`;
    return kustomization(link, `  path: ./${link}\n  prune: true${dependsOn}`);
  });
  await apply(gitRepository() + declared.join(""));
  await untilReady("Kustomization/e", first, limitMs);
  const seconds: number[] = [];
  for (let round = 1; round <= Math.min(rounds, 5); round++) {
    const sha = await commit(files(String(round)));
    const started = performance.now();
    await request("GitRepository/repo");
    await Promise.all(links.map((link) => untilReady(`Kustomization/${link}`, sha, limitMs)));
    seconds.push((performance.now() - started) / 1000);
  }
  return { scenario: "chain", about: "five by dependsOn, request after a push → all ready at the commit", seconds };
}
