import { setTimeout as pause } from "node:timers/promises";
import { core } from "@leat/api";
import type { OwnHarness } from "../harness/own-harness.ts";
import { startScenario } from "../harness/scenario.ts";
import { fileOf, filesOf, type Many, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";
import { valueOf, watchObjects } from "./seen.ts";

const commits = 40;
const betweenMs = 1_000;

/**
 * Commits to one repository, one a second, faster than they reach all of its Kustomizations: when the object that each commit changes is in
 * the cluster, and when hand edits made meanwhile are corrected. At the end all Kustomizations are at the last commit.
 */
export async function storm(harness: OwnHarness, kustomizations: number): Promise<Measured> {
  const many: Many = { kustomizations, objectsEach: 10 };
  await using scenario = await startScenario(harness, "storm");
  await using sight = watchObjects(scenario.kube, core.ConfigMap, scenario.namespace);
  const { taken, take } = createSteps(harness);
  let sha = await scenario.commit(filesOf(many, "1"));
  await take("first sync", async () => {
    await scenario.apply(manifestsOf(many, "10m"));
    await untilAllReady(scenario, sha);
  });
  const series: Record<string, number[]> = { "commit → its object": [], "hand edit → as declared again": [] };
  const seen: Array<Promise<void>> = [];
  const note = (figures: number[] | undefined, startedAt: number, name: string, value: string) => {
    seen.push(
      sight.when(name, (object) => valueOf(object) === value).then((at) => void figures?.push((at - startedAt) / 1000)),
    );
  };
  await take(`${commits} commits, one a second, until all are at the last`, async () => {
    for (let index = 0; index < commits; index++) {
      const nextAt = performance.now() + betweenMs;
      const startedAt = performance.now();
      const app = `app-${Math.floor(((index + 0.5) * kustomizations) / commits)}`;
      sha = await scenario.commit(fileOf(app, 0, "2"));
      await scenario.request("GitRepository/repo");
      note(series["commit → its object"], startedAt, `${app}-object-0`, "2");
      await editByHand(`${app}-object-9`);
      await pause(Math.max(0, nextAt - performance.now()));
    }
    await Promise.all([...seen, untilAllReady(scenario, sha)]);
  });
  const about = `${kustomizations} Kustomizations of 10 ConfigMaps each, from one repository`;
  return { scenario: "storm", about, seconds: [], series, steps: taken };

  async function editByHand(name: string): Promise<void> {
    const startedAt = performance.now();
    await scenario.edit(`ConfigMap/${name}`, { data: { value: "by hand" } });
    await sight.when(name, (object) => valueOf(object) === "by hand");
    note(series["hand edit → as declared again"], startedAt, name, "1");
  }
}
