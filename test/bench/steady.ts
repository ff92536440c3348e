import { setTimeout as pause } from "node:timers/promises";
import type { OwnHarness } from "../harness/own-harness.ts";
import { startScenario } from "../harness/scenario.ts";
import { theFleet } from "./fleet.ts";
import { filesOf, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";

const intervalSeconds = 60;

/** What a fleet that nobody touches costs while each of its Kustomizations has its interval once. */
export async function steady(harness: OwnHarness): Promise<Measured> {
  await using scenario = await startScenario(harness, "steady");
  const { taken, take } = createSteps(harness);
  const first = await scenario.commit(filesOf(theFleet, "1"));
  await scenario.apply(manifestsOf(theFleet, `${intervalSeconds}s`));
  await untilAllReady(scenario, first);
  await take("a minute", () => pause(intervalSeconds * 1000));
  const about = `the fleet at an interval of ${intervalSeconds} s, nothing changes`;
  return { scenario: "steady", about, seconds: [], steps: taken };
}
