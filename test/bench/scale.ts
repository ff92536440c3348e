import { setTimeout as pause } from "node:timers/promises";
import { core } from "@leat/api";
import type { OwnHarness } from "../harness/own-harness.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { inLanes } from "./lanes.ts";
import { filesOf, type Many, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured, type Steps } from "./measured.ts";
import { reconciledIn } from "./metrics.ts";
import { startAll, stopAndForget } from "./restart.ts";
import { type Sight, valueOf, watchObjects } from "./seen.ts";

const objectsEach = 10;
const byHand = "by hand";
const quietMs = 4_000;
const patienceMs = 1_800_000;

/**
 * A large fleet: its first sync, a minute in which nothing changes, and starts of all programs that know nothing of it, as
 * pods that are replaced: without and with edits that were made while they were away.
 */
export async function scale(harness: OwnHarness, kustomizations: number): Promise<Measured> {
  const many: Many = { kustomizations, objectsEach };
  await using scenario = await startScenario(harness, "scale");
  const steps = createSteps(harness);
  const { taken, take } = steps;
  const first = await scenario.commit(filesOf(many, "1"));
  await take("first sync", async () => {
    await scenario.apply(manifestsOf(many, "10m"));
    await untilAllReady(scenario, first);
  });
  await steps.requests.untilQuiet(quietMs, patienceMs);
  await take("a minute at rest", () => pause(60_000));

  await stopAndForget(harness);
  await take("cold restart", async () => {
    await startAll(harness);
    return untilAllLookedAt(scenario, steps, { many, sha: first });
  });

  await stopAndForget(harness);
  await using sight = watchObjects(scenario.kube, core.ConfigMap, scenario.namespace);
  const edited = Array.from({ length: kustomizations }, (_, index) => `app-${index}-object-${objectsEach - 1}`);
  await editAll(scenario, sight, edited);
  await take("cold restart after hand edits", async () => {
    await startAll(harness);
    await Promise.all(edited.map((name) => sight.when(name, (object) => valueOf(object) === "1")));
  });
  const about =
    `${kustomizations} Kustomizations of ${objectsEach} ConfigMaps each, from one repository; restarts are without stored ` +
    "artifacts, the second one until an edited object of each Kustomization is as declared";
  return { scenario: "scale", about, seconds: [], steps: taken, memoryOfEach: true };
}

interface Fleet {
  many: Many;
  sha: string;
}

/**
 * A status may stay as it is where nothing has changed, so it alone does not tell: there have been as many runs as
 * Kustomizations since the start, all are ready, and no request follows. Gives the time of the last request.
 */
async function untilAllLookedAt(
  scenario: Scenario,
  { requests, eventLoops }: Steps,
  { many, sha }: Fleet,
): Promise<number> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const lastAt = await requests.untilQuiet(quietMs, patienceMs);
    const askedAt = performance.now();
    const reconciled = (await eventLoops.readAll()).reduce((sum, metrics) => sum + reconciledIn(metrics), 0);
    await untilAllReady(scenario, sha);
    // Readiness that had to be awaited was not yet there when requests ended.
    const wasReady = performance.now() - askedAt < quietMs;
    if (reconciled >= many.kustomizations && wasReady) return lastAt;
    if (askedAt > deadline) throw new Error(`only ${reconciled} reconciliations after the restart`);
  }
}

async function editAll({ edit }: Scenario, sight: Sight, names: readonly string[]): Promise<void> {
  await inLanes(names, (name) => edit(`ConfigMap/${name}`, { data: { value: byHand } }));
  await Promise.all(names.map((name) => sight.when(name, (object) => valueOf(object) === byHand)));
}
