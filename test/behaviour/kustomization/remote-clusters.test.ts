/** Kustomization: spec.kubeConfig applies to another cluster. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, postedAbout, rerun, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization, secret, serviceAccount } from "../../harness/manifests.ts";
import { type Remote, startRemote } from "../../harness/remote.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
let remote: Remote;
before(async () => {
  [harness, remote] = await Promise.all([sharedHarness(), startRemote()]);
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await remote[Symbol.asyncDispose]();
});

const one = { "app/one.yaml": configMap("one") };
const oneAndTwo = { ...one, "app/two.yaml": configMap("two") };
const bySecret = (more = "") => `  path: ./app\n  prune: true\n  kubeConfig: {secretRef: {name: remote${more}}}`;
const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: "{{ns}}"}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.org/web:1"}]}
`;
const remoteSecret = () => secret("remote", { value: remote.kubeconfig });
const impatient = (manifests: string) => manifests.replaceAll("retryInterval: 10m", "retryInterval: 1s");

/** Waits until the Kustomization says that it cannot use its cluster, and gives the message. */
async function failure({ untilCondition }: Scenario): Promise<string> {
  const wanted = { type: "Ready", status: "False", reason: "ReconciliationFailed" } as const;
  const object = await untilCondition("Kustomization/app", wanted);
  return conditionOf(object, "Ready")?.message ?? "";
}

suite("a Kustomization with a kubeconfig", { concurrency: 4 }, () => {
  for (const [given, key, more] of [
    ["value", "value", ""],
    ["value.yaml", "value.yaml", ""],
    ["a key that is named", "config", ", key: config"],
  ] as const) {
    test(`is applied to the other cluster, by ${given}`, async () => {
      await using scenario = await startScenario(harness, "remote-key");
      const there = await remote.enter(scenario);
      await scenario.apply(secret("remote", { [key]: remote.kubeconfig }));
      await deploy(scenario, one, bySecret(more));
      assert.deepEqual(dataOf(await there.configMap("one")), { value: "1" });
      assert.equal(await scenario.get("ConfigMap/one"), undefined);
    });
  }

  test("follows new revisions there, prunes there, and is deleted there", async () => {
    await using scenario = await startScenario(harness, "remote-life");
    const there = await remote.enter(scenario);
    await scenario.apply(remoteSecret());
    await deploy(scenario, oneAndTwo, `${bySecret()}\n  wait: true`);
    await roll(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": null });
    assert.deepEqual(dataOf(await there.configMap("one")), { value: "2" });
    await there.until("two", "to be gone", (object) => object === undefined);

    await scenario.delete("Kustomization/app");
    await scenario.untilGone("Kustomization/app");
    await there.until("one", "to be gone", (object) => object === undefined);
  });

  test("waits for health there", async () => {
    await using scenario = await startScenario(harness, "remote-health");
    const there = await remote.enter(scenario);
    await scenario.apply(remoteSecret());
    await scenario.commit({ "app/web.yaml": web });
    await scenario.apply(gitRepository() + kustomization("app", `${bySecret()}\n  wait: true`));
    await scenario.untilCondition("Kustomization/app", { type: "Healthy", status: "Unknown" });
    const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const conditions = [
      { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "" },
      { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "" },
    ];
    await there.editStatus("apps/v1", "Deployment", "web", { observedGeneration: 1, ...counts, conditions });
    await scenario.untilReady("Kustomization/app");
  });

  test("leaves at home what another has applied there under the same names", async () => {
    await using scenario = await startScenario(harness, "remote-home");
    await remote.enter(scenario);
    await scenario.apply(remoteSecret());
    await deploy(scenario, one);
    await scenario.apply(kustomization("other", bySecret()));
    await scenario.untilReady("Kustomization/other");
    await scenario.delete("Kustomization/other");
    await scenario.untilGone("Kustomization/other");
    assert.ok(await scenario.get("ConfigMap/one"));
  });

  test("waits for its Secret, by name", async () => {
    await using scenario = await startScenario(harness, "remote-late");
    await remote.enter(scenario);
    await scenario.commit(one);
    await scenario.apply(impatient(gitRepository() + kustomization("app", bySecret())));
    assert.match(await failure(scenario), new RegExp(`[Ss]ecret[/ ]'?${scenario.namespace}/remote`));
    await scenario.apply(secret("remote", { other: "x" }));
    await scenario.until("Kustomization/app", "to miss the key", (object) =>
      /value/.test(conditionOf(object, "Ready")?.message ?? ""),
    );
    await scenario.apply(remoteSecret());
    await scenario.untilReady("Kustomization/app");
  });

  test("goes where its Secret says now", async () => {
    await using scenario = await startScenario(harness, "remote-moved");
    const there = await remote.enter(scenario);
    await scenario.apply(remoteSecret());
    await deploy(scenario, one, bySecret());
    await scenario.apply(secret("remote", { value: await readFile(harness.controlPlane.kubeconfig, "utf8") }));
    await rerun(scenario);
    assert.ok(await scenario.get("ConfigMap/one"));
    assert.ok(await there.configMap("one"), "what was applied before is not looked for at the new place");
  });

  test("acts there as the account of its namespace", async () => {
    await using scenario = await startScenario(harness, "remote-account");
    const there = await remote.enter(scenario);
    await scenario.apply(remoteSecret());
    await scenario.commit(one);
    const acting = kustomization("app", `${bySecret()}\n  serviceAccountName: deployer`);
    await scenario.apply(impatient(gitRepository() + acting));
    assert.match(await failure(scenario), /forbidden|cannot/);
    const rights = serviceAccount("deployer", ["get", "list", "watch", "create", "patch", "delete"]);
    await there.apply(rights);
    await scenario.untilReady("Kustomization/app");
    assert.ok(await there.configMap("one"));
  });

  testBeyondFlux(
    () => harness,
    "is corrected there at once",
    async () => {
      await using scenario = await startScenario(harness, "remote-drift");
      const there = await remote.enter(scenario);
      await scenario.apply(remoteSecret());
      await deploy(scenario, one, bySecret());
      await there.edit("one", { data: { value: "by hand" } });
      await there.until("one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
    },
  );

  testBeyondFlux(
    () => harness,
    "comes home when the kubeconfig leaves the spec, and then lets the other cluster be",
    async () => {
      await using scenario = await startScenario(harness, "remote-return");
      const there = await remote.enter(scenario);
      await scenario.apply(remoteSecret());
      await deploy(scenario, one, bySecret());
      await scenario.edit("Kustomization/app", { spec: { kubeConfig: null } });
      await scenario.until("ConfigMap/one", "to be applied at home", () => true);
      await scenario.untilReady("Kustomization/app");
      await there.edit("one", { data: { value: "theirs" } });
      await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
      await scenario.until("ConfigMap/one", "to be corrected", (object) => dataOf(object)?.["value"] === "1");
      assert.deepEqual(dataOf(await there.configMap("one")), { value: "theirs" });
    },
  );

  testBeyondFlux(
    () => harness,
    "lets go when it is deleted after its Secret, and tells what stays",
    async () => {
      await using scenario = await startScenario(harness, "remote-orphan");
      const there = await remote.enter(scenario);
      await scenario.apply(remoteSecret());
      await deploy(scenario, one, bySecret());
      await scenario.delete("Secret/remote");
      await scenario.delete("Kustomization/app");
      await scenario.untilGone("Kustomization/app");
      assert.ok(await there.configMap("one"));
      const told = await eventually(
        () => postedAbout(scenario, "Kustomization/app").find(({ message }) => message.startsWith("pruning failed")),
        { what: "the event about what stays" },
      );
      assert.equal(told.severity, "error");
      assert.match(told.message, new RegExp(`Secret/${scenario.namespace}/remote`));
      assert.match(told.message, new RegExp(`^ConfigMap/${scenario.namespace}/one$`, "m"));
    },
  );
});

// Flux keeps accounts for clusters behind a feature gate, which is off.
suite("a Kustomization with a ConfigMap in place of a kubeconfig", { concurrency: 4 }, () => {
  const byConfigMap = "  path: ./app\n  prune: true\n  kubeConfig: {configMapRef: {name: remote}}";
  const describing = (data: Record<string, string>) => `apiVersion: v1
kind: ConfigMap
metadata: {name: remote}
data: ${JSON.stringify(data)}
---
`;

  /** The own cluster, as another one: it is the one that trusts its tokens. */
  async function described(): Promise<Record<string, string>> {
    const { url, caFile } = harness.controlPlane;
    const audiences = "https://kubernetes.default.svc\n";
    return { provider: "generic", address: url, "ca.crt": await readFile(caFile, "utf8"), audiences };
  }

  testBeyondFlux(
    () => harness,
    "acts as the ServiceAccount that it names",
    async () => {
      await using scenario = await startScenario(harness, "remote-token");
      await scenario.apply(serviceAccount("deployer", ["get"]));
      await scenario.apply(describing({ ...(await described()), serviceAccountName: "deployer" }));
      await scenario.commit(one);
      await scenario.apply(impatient(gitRepository() + kustomization("app", byConfigMap)));
      assert.match(
        await failure(scenario),
        new RegExp(`User "system:serviceaccount:${scenario.namespace}:deployer" cannot`),
      );
      await scenario.apply(serviceAccount("deployer", ["get", "list", "watch", "create", "patch", "delete"]));
      await scenario.untilReady("Kustomization/app");
      assert.ok(await scenario.get("ConfigMap/one"));
    },
  );

  testBeyondFlux(
    () => harness,
    "acts as the controller itself where it names none",
    async () => {
      await using scenario = await startScenario(harness, "remote-own-token");
      await scenario.apply(describing(await described()));
      await deploy(scenario, one, byConfigMap);
      assert.ok(await scenario.get("ConfigMap/one"));
    },
  );

  const wrong: Array<[given: string, change: Record<string, string>, message: RegExp]> = [
    ["a cloud's provider without a cluster", { provider: "aws" }, /cluster is "": expected arn:aws:eks:<region>/],
    ["no provider", { provider: "" }, /no provider: expected aws, azure, gcp or generic/],
    ["no address", { address: "" }, /its address must be https/],
    ["an address without TLS", { address: "http://127.0.0.1:1" }, /its address must be https/],
    [
      "an account that does not exist",
      { serviceAccountName: "nobody" },
      /failed to get Kubernetes credentials for ServiceAccount .*\/nobody: it does not exist/,
    ],
  ];
  for (const [given, change, message] of wrong) {
    testBeyondFlux(
      () => harness,
      `that has ${given} is told what to change`,
      async () => {
        await using scenario = await startScenario(harness, "remote-described");
        await scenario.apply(describing({ ...(await described()), ...change }));
        await scenario.commit(one);
        await scenario.apply(gitRepository() + kustomization("app", byConfigMap));
        const told = await failure(scenario);
        assert.match(told, message);
        assert.match(told, new RegExp(`cannot use the cluster of ConfigMap/${scenario.namespace}/remote`));
      },
    );
  }
});
