import type { OwnHarness } from "../harness/own-harness.ts";
import { type Files, startScenario } from "../harness/scenario.ts";
import { change, fileOf, filesOf, type Many, manifestsOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured } from "./measured.ts";

const many: Many = { kustomizations: 50, objectsEach: 2 };
const otherFiles = 4_000;

/** Kustomizations of a repository that holds much else: its first sync, and a commit that changes one object. */
export async function mono(harness: OwnHarness): Promise<Measured> {
  await using scenario = await startScenario(harness, "mono");
  const { taken, take } = createSteps(harness);
  const first = await scenario.commit({ ...others(), ...filesOf(many, "1") });
  await take("first sync", async () => {
    await scenario.apply(manifestsOf(many, "10m"));
    await untilAllReady(scenario, first);
  });
  await take("one object changes", () => change(scenario, fileOf("app-7", 1, "2")));
  const about = `${many.kustomizations} Kustomizations of ${many.objectsEach} ConfigMaps each, beside ${otherFiles} other files`;
  return { scenario: "mono", about, seconds: [], steps: taken };
}

/** Source code, say: some 2 KiB each, no two alike, forty to a folder. */
function others(): Files {
  const file = (index: number) => [
    `src/part-${Math.floor(index / 40)}/file-${index}.txt`,
    Array.from({ length: 64 }, (_, line) => `line ${line} of ${index}: ${(index * 7919 + line).toString(36)}\n`).join(
      "",
    ),
  ];
  return Object.fromEntries(Array.from({ length: otherFiles }, (_, index) => file(index))) as Files;
}
