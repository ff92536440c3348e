/** Each query of the dashboards is answered, in numbers, from what controllers serve. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { namesIn, queriesOf, readDashboards } from "../harness/dashboards.ts";
import { deploy, roll } from "../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { configMap, kustomization } from "../harness/manifests.ts";
import { play } from "../harness/promtool.ts";
import { startScenario } from "../harness/scenario.ts";
import { type Sample, scrapeState } from "../harness/series.ts";
import { describedStack } from "../harness/stack.ts";

const dashboards = await readDashboards();

let earlier: Sample[];
let later: Sample[];
before(async () => {
  // Objects of no shard, as in an installation with shards.
  const args = ["--watch-label-selector=!sharding.fluxcd.io/key"];
  await using harness = await startHarness({
    stack: await describedStack("leat-sources"),
    endpoints: true,
    args: { "source-controller": args, "kustomize-controller": args },
  });
  [earlier, later] = await scrapeTwice(harness);
});

for (const dashboard of dashboards) {
  suite(dashboard.title, () => {
    for (const { title, query, labels } of queriesOf(dashboard)) {
      test(`${title}: ${query}`, async () => {
        const known = new Set(later.flatMap((sample) => [sample.name, ...Object.keys(sample.labels)]));
        const unknown = [...namesIn(query), ...labels].filter((name) => !known.has(name));
        assert.deepEqual(unknown, []);
        const phases = [earlier, later].map((samples) => ({ samples, minutes: 5 }));
        await play(phases, [{ minute: 6, query }]);
      });
    }
  });
}

/** Of objects in each state: before and after some of them were reconciled once more. */
async function scrapeTwice(harness: OwnHarness): Promise<[Sample[], Sample[]]> {
  await using scenario = await startScenario(harness, "dashboards");
  const files = {
    "app/one.yaml": configMap("one"),
    "strange/one.yaml": 'apiVersion: example.org/v1\nkind: Strange\nmetadata: {name: one, namespace: "{{ns}}"}\n',
  };
  await deploy(scenario, files, "  path: ./app\n  prune: true\n  driftDetection: {mode: warn}");
  await scenario.apply(kustomization("strange", "  path: ./strange\n  prune: true"));
  await scenario.apply(kustomization("asleep", "  path: ./app\n  prune: true\n  suspend: true"));
  const first = await scrapeState(scenario, "Kustomization/strange", { rejection: "UnknownKind" });
  await roll(scenario, { ...files, "app/two.yaml": configMap("two") });
  await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
  return [first, await scrapeState(scenario, "Kustomization/app", { drifted: "True" })];
}
