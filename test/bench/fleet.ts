import type { OwnHarness } from "../harness/own-harness.ts";
import { startScenario } from "../harness/scenario.ts";
import { change, fileOf, filesOf, type Many, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";

/** What `fleet` and `steady` are made of. */
export const theFleet: Many = { kustomizations: 100, objectsEach: 10 };

/** A fleet from one repository: its first sync, a commit that changes every object, and one that changes a single object. */
export async function fleet(harness: OwnHarness): Promise<Measured> {
  await using scenario = await startScenario(harness, "fleet");
  const { taken, take } = createSteps(harness);
  const first = await scenario.commit(filesOf(theFleet, "1"));
  await take("first sync", async () => {
    await scenario.apply(manifestsOf(theFleet, "10m"));
    await untilAllReady(scenario, first);
  });
  await take("every object changes", () => change(scenario, filesOf(theFleet, "2")));
  await take("one object changes", () => change(scenario, fileOf("app-7", 3, "3")));
  const { kustomizations, objectsEach } = theFleet;
  const about = `${kustomizations} Kustomizations of ${objectsEach} ConfigMaps each, from one repository`;
  return { scenario: "fleet", about, seconds: [], steps: taken };
}
