/** Kustomization: an object that two of them declare. */
import assert from "node:assert/strict";
import { after, before, suite } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, push } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

suite("an object of two Kustomizations", { concurrency: 4 }, () => {
  const releases: Array<[how: string, release: (scenario: Scenario) => Promise<unknown>]> = [
    ["no longer declares it", (scenario) => push(scenario, { "second/shared.yaml": null })],
    ["is deleted", (scenario) => scenario.delete("Kustomization/second")],
  ];
  for (const [how, release] of releases)
    testBeyondFlux(
      () => harness,
      `is reported on both, and goes to the other one when the one that has it ${how}`,
      async () => {
        await using scenario = await startScenario(harness, "shared-object");
        await scenario.commit({
          "first/shared.yaml": configMap("shared", "by first"),
          "second/shared.yaml": configMap("shared", "by second"),
          "second/own.yaml": configMap("own"),
        });
        await scenario.apply(gitRepository() + kustomization("first", "  path: ./first\n  prune: true"));
        await scenario.untilReady("Kustomization/first");
        await scenario.apply(kustomization("second", "  path: ./second\n  prune: true"));
        const shared = `ConfigMap/${scenario.namespace}/shared: also applied by ${scenario.namespace}`;
        await untilDrifted(scenario, "first", `${shared}/second, which keeps it`);
        await untilDrifted(scenario, "second", `${shared}/first`);
        const taken = await scenario.get("ConfigMap/shared");
        assert.deepEqual(dataOf(taken), { value: "by second" });

        await release(scenario);

        const handedOver = await scenario.until(
          "ConfigMap/shared",
          "to be applied by the other one",
          (object) => dataOf(object)?.["value"] === "by first",
        );
        assert.equal(handedOver.metadata.uid, taken?.metadata.uid);
        await scenario.until(
          "Kustomization/first",
          "to own it alone",
          (object) => conditionOf(object, "Drifted") === undefined,
        );
      },
    );
});

function untilDrifted(scenario: Scenario, name: string, message: string) {
  return scenario.until(`Kustomization/${name}`, `to report ${message}`, (object) =>
    String(conditionOf(object, "Drifted")?.message).includes(message),
  );
}
