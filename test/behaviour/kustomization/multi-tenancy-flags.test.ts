/** Kustomization: --no-cross-namespace-refs, --no-remote-bases, and the rights of spec.serviceAccountName. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { declare, deploy, postedAbout, roll } from "../../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, gitRepository, kustomization, serviceAccount } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";

let harness: OwnHarness;
before(async () => {
  const args = { "kustomize-controller": ["--no-cross-namespace-refs=true", "--no-remote-bases=true"] };
  harness = await startHarness({ args });
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };
const acting = "  path: ./app\n  prune: true\n  serviceAccountName: deployer";
const allVerbs = ["get", "list", "watch", "create", "patch", "delete"];

/** A scenario whose repository is fetched, for Kustomizations of another one. */
async function startOwner(harness_: OwnHarness): Promise<Scenario> {
  const owner = await startScenario(harness_, "access-owner");
  await owner.commit(one);
  await owner.apply(gitRepository());
  await owner.untilReady("GitRepository/repo");
  return owner;
}

suite("--no-cross-namespace-refs", { concurrency: 4 }, () => {
  test("denies a source of another namespace, until the spec names an own one", async () => {
    await using owner = await startOwner(harness);
    await using scenario = await startScenario(harness, "access-source");
    const foreign = kustomization().replace("name: repo}", `name: repo, namespace: ${owner.namespace}}`);
    await scenario.apply(foreign);
    const denied = await scenario.untilCondition("Kustomization/app", {
      type: "Stalled",
      status: "True",
      reason: "AccessDenied",
    });
    assert.equal(conditionOf(denied, "Ready")?.reason, "AccessDenied");
    assert.match(conditionOf(denied, "Ready")?.message ?? "", new RegExp(owner.namespace));

    await deploy(scenario, one);

    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Stalled"), undefined);
  });

  test("permits a source whose own namespace is named", async () => {
    await using scenario = await startScenario(harness, "access-own");
    await scenario.commit(one);
    const named = kustomization().replace("name: repo}", "name: repo, namespace: {{ns}}}");
    await scenario.apply(gitRepository() + named);
    await scenario.untilReady("Kustomization/app");
  });

  test("permits a dependency in another namespace, whose revision does not matter", async () => {
    await using owner = await startScenario(harness, "access-dependency");
    await using scenario = await startScenario(harness, "access-dependent");
    const dependsOn = `dependsOn: [{name: app, namespace: ${owner.namespace}}]`;
    await declare(scenario, one, `  path: ./app\n  prune: true\n  ${dependsOn}`);
    const waits = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "DependencyNotReady" });
    assert.match(conditionOf(waits, "Ready")?.message ?? "", new RegExp(`${owner.namespace}/app`));
    assert.equal(await scenario.get("ConfigMap/one"), undefined);

    await deploy(owner, { "app/other.yaml": configMap("other") });
    if (harness.stack.name !== "leat") await scenario.request("Kustomization/app");

    await scenario.untilReady("Kustomization/app");
  });
});

suite("--no-remote-bases", () => {
  /** Rejected until the base is no longer loaded from elsewhere; gives the paths that were asked for on its server. */
  async function rejectsTheBase(): Promise<string[]> {
    await using other = await startScenario(harness, "access-base");
    await using scenario = await startScenario(harness, "access-remote");
    await other.commit({ "kustomization.yaml": "resources: [base.yaml]\n", "base.yaml": configMap("base") });
    await declare(scenario, { "app/kustomization.yaml": `resources: ["${other.repository.url}?ref=main"]\n` });
    const rejected = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(other.namespace));

    await roll(scenario, { "app/kustomization.yaml": "resources: [one.yaml]\n", ...one });

    assert.equal(await scenario.get("ConfigMap/base"), undefined);
    return harness.git.requests().flatMap(({ path }) => (path.includes(other.namespace) ? [path] : []));
  }

  test("rejects what would be loaded from the network", async () => void (await rejectsTheBase()));

  // Flux fetches the base, and then rejects it because it lies outside of the repository.
  testBeyondFlux(
    () => harness,
    "asks nobody for what would be loaded from the network",
    async () => assert.deepEqual(await rejectsTheBase(), []),
  );
});

suite("serviceAccountName", { concurrency: 4 }, () => {
  test("does what the account may do", async () => {
    await using scenario = await startScenario(harness, "access-account");
    await scenario.apply(serviceAccount("deployer", allVerbs));
    await deploy(scenario, { ...one, "app/two.yaml": configMap("two") }, acting);
    await roll(scenario, { "app/two.yaml": null });
    await scenario.untilGone("ConfigMap/two");
  });

  test("cannot reach into another namespace", async () => {
    await using other = await startScenario(harness, "access-other");
    await using scenario = await startScenario(harness, "access-reach");
    await scenario.apply(serviceAccount("deployer", allVerbs));
    const theirs = configMap("theirs").replace("{{ns}}", other.namespace);
    await declare(scenario, { ...one, "app/theirs.yaml": theirs }, acting);
    const rejected = await scenario.untilCondition("Kustomization/app", {
      type: "Ready",
      status: "False",
      reason: "ReconciliationFailed",
    });
    assert.match(conditionOf(rejected, "Ready")?.message ?? "", new RegExp(`ConfigMap/${other.namespace}/theirs`));
    assert.equal(await other.get("ConfigMap/theirs"), undefined);
    assert.equal(await scenario.get("ConfigMap/one"), undefined);
  });

  test("gets its rights later: the next try succeeds", async () => {
    await using scenario = await startScenario(harness, "access-later");
    await scenario.commit(one);
    const impatient = kustomization("app", acting).replace("retryInterval: 10m", "retryInterval: 1s");
    await scenario.apply(gitRepository() + impatient);
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "ReconciliationFailed" });
    await scenario.apply(serviceAccount("deployer", allVerbs));
    await scenario.untilReady("Kustomization/app");
  });

  test("is missing when its Kustomization is deleted: what was applied stays, and that is told", async () => {
    await using scenario = await startScenario(harness, "access-gone");
    await scenario.apply(serviceAccount("deployer", allVerbs));
    await deploy(scenario, one, acting);
    for (const kind of ["RoleBinding", "ServiceAccount"]) await scenario.delete(`${kind}/deployer`);
    await scenario.delete("Kustomization/app");
    await scenario.untilGone("Kustomization/app");
    assert.ok(await scenario.get("ConfigMap/one"));
    const told = await eventually(
      () => postedAbout(scenario, "Kustomization/app").find(({ message }) => message.startsWith("pruning failed")),
      { what: "the event about what stays" },
    );
    assert.equal(told.severity, "error");
    assert.match(told.message, new RegExp(`ConfigMap/${scenario.namespace}/one`));
  });
});
