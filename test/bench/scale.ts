import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Harness } from "../harness/harness.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { filesOf, type Many, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";
import { configMaps, type Sight, valueOf, watchObjects } from "./seen.ts";

const objectsEach = 10;
const byHand = "by hand";
// As many as the API server serves at once without falling behind.
const editors = 16;

/** A large fleet: its first sync, a minute in which nothing changes, and the start of all programs with nothing in their hands. */
export async function scale(harness: Harness, kustomizations: number): Promise<Measured> {
  const many: Many = { kustomizations, objectsEach };
  await using scenario = await startScenario(harness, "scale");
  const { taken, take, untilQuiet } = createSteps(harness);
  const first = await scenario.commit(filesOf(many, "1"));
  await take("first sync", async () => {
    await scenario.apply(manifestsOf(many, "10m"));
    await untilAllReady(scenario, first);
  });
  await untilQuiet(5_000, 120_000);
  await take("a minute at rest", () => pause(60_000));

  const names = harness.stack.processes.map(({ name }) => name);
  await Promise.all(names.map((name) => harness.stop(name)));
  await forget(harness);
  await using sight = watchObjects(scenario.kube, configMaps, scenario.namespace);
  const edited = Array.from({ length: kustomizations }, (_, index) => `app-${index}-object-${objectsEach - 1}`);
  await editAll(scenario, sight, edited);
  await take("cold restart", async () => {
    await Promise.all(names.map((name) => harness.start(name)));
    // None of them knows what was edited meanwhile: who has put it right has looked at every Kustomization.
    await Promise.all(edited.map((name) => sight.when(name, (object) => valueOf(object) === "1")));
  });
  const about =
    `${kustomizations} Kustomizations of ${objectsEach} ConfigMaps each, from one repository; the restart is without stored ` +
    "artifacts, until one object of each Kustomization, edited by hand before it, is as declared";
  return { scenario: "scale", about, seconds: [], steps: taken, memoryOfEach: true };
}

/** What a pod loses with its emptyDir. */
async function forget({ directory, removeStorage }: Harness): Promise<void> {
  await removeStorage();
  await rm(join(directory, "work"), { recursive: true, force: true });
}

async function editAll({ edit }: Scenario, sight: Sight, names: readonly string[]): Promise<void> {
  const left = names.values();
  const lane = async () => {
    for (const name of left) await edit(`ConfigMap/${name}`, { data: { value: byHand } });
  };
  await Promise.all(Array.from({ length: editors }, lane));
  await Promise.all(names.map((name) => sight.when(name, (object) => valueOf(object) === byHand)));
}
