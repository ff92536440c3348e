/** Flags of the kustomize controller that name Secrets and ConfigMaps: --sops-age-secret, --watch-configs-label-selector. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, roll } from "../../harness/deploy.ts";
import { configMap, secret } from "../../harness/manifests.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { startScenario } from "../../harness/scenario.ts";
import { ageKey, encrypted } from "../../harness/sops.ts";

let harness: OwnHarness;
before(async () => {
  const flags = ["--sops-age-secret=default/age-for-all", "--watch-configs-label-selector=team=a"];
  harness = await startHarness({ args: { "kustomize-controller": flags } });
});
after(() => harness[Symbol.asyncDispose]());

testBeyondFlux(
  () => harness,
  "--sops-age-secret: decrypts where spec.decryption names no Secret, with keys of any namespace",
  async () => {
    await using scenario = await startScenario(harness, "flag-age");
    const key = await ageKey();
    await scenario.apply(secret("age-for-all, namespace: default", { "a.agekey": key.identity }));
    const plain = configMap("one", "correct-horse").replace("{{ns}}", scenario.namespace);
    await deploy(
      scenario,
      { "app/one.yaml": await encrypted(key, "one.yaml", plain, ["--encrypted-regex", "^data$"]) },
      "  path: ./app\n  prune: true\n  decryption: {provider: sops}",
    );
    assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "correct-horse");
  },
);

test("--watch-configs-label-selector: a change of what it selects is applied at once", async () => {
  await using scenario = await startScenario(harness, "flag-selector");
  await scenario.apply(`apiVersion: v1
kind: ConfigMap
metadata: {name: vars, labels: {team: a}}
data: {who: me}
`);
  const spec = "  path: ./app\n  prune: true\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}";
  await deploy(scenario, { "app/one.yaml": configMap("one", "${who}") }, spec);
  await scenario.edit("ConfigMap/vars", { data: { who: "you" } });
  await scenario.until("ConfigMap/one", "to have the value you", (object) => dataOf(object)?.["value"] === "you");
  await roll(scenario, { "app/one.yaml": configMap("one", "${who} again") });
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "you again");
});
