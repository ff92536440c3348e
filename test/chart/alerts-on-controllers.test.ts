/** What goes wrong with a controller raises its alert, and that one alone; once it is mended the alert is resolved. */
import assert from "node:assert/strict";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPrivateDirectory, type PrivateDirectory } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { assertFiresAndResolves, type Incident } from "../harness/alerts.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { release } from "../harness/helm.ts";
import { gitRepository } from "../harness/manifests.ts";
import { readRules } from "../harness/promtool.ts";
import { startScenario } from "../harness/scenario.ts";
import { isSeries, type Sample, scrapeActing, scrapeUntil, targetOf } from "../harness/series.ts";
import { describedStack } from "../harness/stack.ts";

const [source, kustomize] = ["source-controller", "kustomize-controller"];

let harness: OwnHarness;
let own: PrivateDirectory;
before(async () => {
  own = await openPrivateDirectory();
  await installRenderer();
  harness = await startHarness({
    stack: await describedStack("leat-sources"),
    endpoints: true,
    args: {
      [source]: ["--concurrent=1", "--enable-leader-election", "--leader-election-retry-period=200ms"],
      [kustomize]: [`--kustomize-renderer=${join(own.path, "renderer")}`],
    },
  });
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});

const shown = new Set<string>();

interface Shown extends Incident {
  /** Of the alert, without those of the rule itself. */
  labels: Record<string, string>;
  lookbackMinutes?: number;
}

function alerts(alert: string, about: string, incident: () => Promise<Shown>): void {
  shown.add(alert);
  void test(`${alert}: ${about}`, async () => {
    await scrapeActing(harness);
    const { labels, lookbackMinutes, ...scrapes } = await incident();
    await assertFiresAndResolves(alert, labels, scrapes, lookbackMinutes);
  });
}

for (const program of [source, kustomize]) {
  alerts("LeatControllerAbsent", `${program} is stopped`, async () => {
    await harness.stop(program);
    const wrong = await scrapeUntil(harness, "metrics of the other", () => true);
    await harness.start(program);
    return { labels: { program }, wrong, mended: await scrapeActing(harness) };
  });
}

alerts("LeatNoActiveReplica", "a Lease held by another client", async () => {
  await harness.stop(source);
  await giveLease("somebody");
  await harness.start(source);
  const wrong = await scrapeUntil(harness, "a standby", (samples) =>
    samples.some((one) => isSeries(one, "leader_election_master_status", {}) && one.value === 0),
  );
  await giveLease("");
  const { namespace = "" } = targetOf(source);
  return { labels: { namespace, program: source }, wrong, mended: await scrapeActing(harness) };
});

alerts("LeatBuildsNotSandboxed", "a renderer that does not start", async () => {
  await harness.stop(kustomize);
  await rm(join(own.path, "renderer"));
  await harness.start(kustomize);
  const state = "unavailable";
  const wrong = await untilSandboxIs(state);
  await harness.stop(kustomize);
  await installRenderer();
  await harness.start(kustomize);
  const { namespace = "", pod = "" } = targetOf(kustomize);
  const labels = { namespace, pod, sandbox: "kustomize", state };
  return { labels, wrong, mended: await untilSandboxIs("sandboxed") };
});

alerts("LeatEventsDropped", "a receiver that rejects events", async () => {
  await using scenario = await startScenario(harness, "events");
  const sink = "events-addr";
  const given = (one: Sample) => isSeries(one, "leat_events_dropped_total", { sink });
  const clean = await scrapeActing(harness, "no event to be dropped", (samples) =>
    samples.some((one) => given(one) && targetOf(source)["pod"] === one.labels["pod"] && one.value === 0),
  );
  harness.events.setFaults({ status: 400 });
  await scenario.commit({ "one.txt": "one" });
  await scenario.apply(gitRepository());
  await scenario.untilReady("GitRepository/repo");
  const wrong = await scrapeActing(harness, "an event to be dropped", (samples) =>
    samples.some((one) => given(one) && one.value > 0),
  );
  harness.events.setFaults({});
  const { namespace = "", pod = "" } = targetOf(source);
  return {
    labels: { namespace, pod, sink },
    before: clean,
    wrong,
    mended: await scrapeActing(harness),
    lookbackMinutes: 15,
  };
});

alerts("LeatReconciliationStuck", "a reconciliation that blocks the only worker", async () => {
  await using scenario = await startScenario(harness, "still");
  await scenario.commit({ "one.txt": "one" });
  harness.git.setFaults({ hang: true });
  const patient = "  ref: {branch: main}\n  timeout: 60m";
  await scenario.apply(gitRepository(patient, "first") + gitRepository(patient, "second"));
  const controller = "gitrepository";
  const waiting = (samples: readonly Sample[], depth: number) =>
    samples.some((one) => isSeries(one, "workqueue_depth", { controller }) && one.value === depth);
  const wrong = await scrapeActing(harness, "an object to wait", (samples) => waiting(samples, 1));
  harness.git.setFaults({});
  // What has changed ends the run that is under way.
  await scenario.edit("GitRepository/first", { spec: { timeout: "1m" } });
  await scenario.untilReady("GitRepository/first");
  await scenario.untilReady("GitRepository/second");
  const mended = await scrapeActing(harness, "nothing to wait", (samples) => waiting(samples, 0));
  const { job = "", instance = "", namespace = "", pod = "" } = targetOf(source);
  return { labels: { job, instance, namespace, pod, controller }, wrong, mended };
});

test("no other alert is about controllers", async () => {
  const groups = (await readRules()).filter(({ name }) => name !== "leat-objects");
  const rules = groups.flatMap((group) => group.rules);
  assert.deepEqual(shown, new Set(rules.map(({ alert }) => alert)));
});

async function installRenderer(): Promise<void> {
  await symlink(await binary("kustomize-renderer"), join(own.path, "renderer"));
}

function untilSandboxIs(state: string): Promise<Sample[]> {
  return scrapeActing(harness, `the sandbox to be ${state}`, (samples) =>
    samples.some((one) => isSeries(one, "leat_sandbox_state", { sandbox: "kustomize", state })),
  );
}

/** @param holderIdentity nobody where it is empty */
async function giveLease(holderIdentity: string): Promise<void> {
  const resource = await harness.kube.resourceOf("coordination.k8s.io/v1", "Lease");
  assert.ok(resource);
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const body = { spec: { holderIdentity, renewTime, leaseDurationSeconds: 3600 } };
  const lease = { resource, namespace: release.namespace, name: `${source}-leader-election` };
  await harness.kube.patch(lease, { type: "merge", body }, { fieldManager: "user" });
}
