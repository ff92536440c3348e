/** What goes wrong with an object raises its alert, and that one alone; once it is mended the alert is resolved. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  askWebhook,
  deniedValue,
  denyByPolicy,
  removeWebhook,
  startWebhook,
  type Webhook,
} from "../harness/admission.ts";
import { assertFiresAndResolves } from "../harness/alerts.ts";
import { declare, deploy, push } from "../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { configMap, definition, gitRepository, kustomization } from "../harness/manifests.ts";
import { readRules } from "../harness/promtool.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { type Sample, scrapeActing, scrapeState } from "../harness/series.ts";
import { describedStack } from "../harness/stack.ts";

let harness: OwnHarness;
let webhook: Webhook;
before(async () => {
  webhook = await startWebhook();
  harness = await startHarness({
    stack: await describedStack("leat-sources"),
    endpoints: true,
    args: { "kustomize-controller": ["--requeue-dependency=1s"] },
  });
  await scrapeActing(harness);
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await webhook[Symbol.asyncDispose]();
});

const app = "Kustomization/app";
const isReady = { ready: "True", suspended: "false" };
const one = { "app/one.yaml": configMap("one") };
const two = { "app/two.yaml": configMap("two") };

const shown = new Set<string>();

function alerts(alert: string, about: string, incident: (scenario: Scenario<OwnHarness>) => Promise<Incident>): void {
  shown.add(alert);
  void test(`${alert}: ${about}`, async () => {
    await using scenario = await startScenario(harness, "alerts");
    const { wrong, mend, mended = isReady, subject = app, labels = {} } = await incident(scenario);
    await mend();
    const [kind = "", name = ""] = subject.split("/");
    const identity = { customresource_kind: kind, exported_namespace: scenario.namespace, name };
    const scrapes = { wrong, mended: await scrapeState(scenario, subject, mended) };
    await assertFiresAndResolves(alert, { ...identity, ...labels }, scrapes);
  });
}

interface Incident {
  wrong: Sample[];
  mend: () => Promise<unknown>;
  /** The state of the object once it is mended; ready where not given. */
  mended?: Record<string, string>;
  /** `Kustomization/app` where not given. */
  subject?: string;
  /** Of the alert, beside those that name the object. */
  labels?: Record<string, string>;
}

alerts("LeatNotReady", "manifests that cannot be built", async (scenario) => {
  await declare(scenario, { "app/kustomization.yaml": "resources: [missing.yaml]\n" });
  return {
    wrong: await scrapeState(scenario, app, { ready: "False", reason: "BuildFailed" }),
    mend: () => push(scenario, { "app/kustomization.yaml": "resources: []\n" }),
  };
});

alerts("LeatNotReady", "a repository that does not exist", async (scenario) => {
  await scenario.commit(one);
  await scenario.apply(gitRepository("  ref: {branch: nope}"));
  const subject = "GitRepository/repo";
  return {
    subject,
    wrong: await scrapeState(scenario, subject, { ready: "False", reason: "GitOperationFailed" }),
    mend: () => scenario.edit(subject, { spec: { ref: { branch: "main" } } }),
  };
});

alerts("LeatDependencyNotReady", "a dependency that is missing", async (scenario) => {
  await declare(scenario, one, "  path: ./app\n  prune: true\n  dependsOn: [{name: base}]");
  return {
    wrong: await scrapeState(scenario, app, { reason: "DependencyNotReady" }),
    mend: () => scenario.apply(kustomization("base")),
  };
});

alerts("LeatAdmissionDenied", "a policy that denies an object", async (scenario) => {
  await denyByPolicy(scenario);
  return denied(scenario);
});

alerts("LeatAdmissionDenied", "a webhook that denies an object", async (scenario) => {
  await askWebhook(scenario, webhook.client);
  return denied(scenario);
});

alerts("LeatAdmissionDenied", "a webhook that does not respond", async (scenario) => {
  await askWebhook(scenario, { url: "https://127.0.0.1:1/" });
  await declare(scenario, one);
  const rejection = "AdmissionFailed";
  return {
    labels: { rejection },
    wrong: await scrapeState(scenario, app, { ready: "False", rejection }),
    mend: async () => {
      await removeWebhook(scenario);
      await scenario.request(app);
    },
  };
});

alerts("LeatQuotaExceeded", "a ResourceQuota that leaves no room", async (scenario) => {
  await limitConfigMaps(scenario, 0);
  await declare(scenario, one);
  return {
    wrong: await scrapeState(scenario, app, { ready: "False", rejection: "QuotaExceeded" }),
    mend: async () => {
      await limitConfigMaps(scenario, 10);
      await scenario.request(app);
    },
  };
});

alerts("LeatMissingCRD", "a kind whose CRD is missing", async (scenario) => {
  const group = `${scenario.namespace}.example.org`;
  const gadget = `apiVersion: ${group}/v1\nkind: Gadget\nmetadata: {name: one, namespace: "{{ns}}"}\n`;
  await declare(scenario, { "app/one.yaml": gadget });
  return {
    wrong: await scrapeState(scenario, app, { ready: "False", rejection: "UnknownKind" }),
    mend: async () => {
      await scenario.apply(definition(group, "v1", "Gadget"));
      const name = `CustomResourceDefinition/gadgets.${group}`;
      await scenario.untilCondition(name, { type: "Established", status: "True" });
      await scenario.request(app);
    },
  };
});

alerts("LeatDrifted", "a hand edit that is left as it is", async (scenario) => {
  await deploy(scenario, one, "  path: ./app\n  prune: true\n  driftDetection: {mode: warn}");
  await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
  return {
    wrong: await scrapeState(scenario, app, { drifted: "True" }),
    mend: () => scenario.edit("ConfigMap/one", { data: { value: "1" } }),
    mended: { ...isReady, drifted: "False" },
  };
});

alerts("LeatSuspended", "an object that nobody resumes", async (scenario) => {
  await deploy(scenario, two);
  await scenario.edit(app, { spec: { suspend: true } });
  return {
    wrong: await scrapeState(scenario, app, { suspended: "true" }),
    mend: () => scenario.edit(app, { spec: { suspend: false } }),
  };
});

alerts("LeatStorageFailing", "a storage that takes no files", async (scenario) => {
  const ownDirectory = join(harness.directory, "storage/gitrepository", scenario.namespace);
  await mkdir(join(ownDirectory, ".."), { recursive: true });
  await writeFile(ownDirectory, "no directory");
  await scenario.commit(one);
  await scenario.apply(gitRepository());
  const [subject, reason] = ["GitRepository/repo", "GarbageCollectionFailed"];
  return {
    subject,
    labels: { reason },
    wrong: await scrapeState(scenario, subject, { ready: "False", reason }),
    mend: async () => {
      await rm(ownDirectory);
      await scenario.request(subject);
    },
  };
});

test("no other alert is about objects", async () => {
  const rules = (await readRules()).find(({ name }) => name === "leat-objects")?.rules ?? [];
  assert.deepEqual([...shown].toSorted(), rules.map(({ alert }) => alert).toSorted());
});

/** An object that is denied, and another in its place. */
async function denied(scenario: Scenario<OwnHarness>): Promise<Incident> {
  await declare(scenario, { "app/one.yaml": configMap("one", deniedValue) });
  const rejection = "AdmissionDenied";
  return {
    labels: { rejection },
    wrong: await scrapeState(scenario, app, { ready: "False", rejection }),
    mend: () => push(scenario, { "app/one.yaml": configMap("one", "permitted") }),
  };
}

/** The status is what the API server counts by; here nobody else writes it. */
async function limitConfigMaps(scenario: Scenario<OwnHarness>, most: number): Promise<void> {
  const hard = { "count/configmaps": String(most) };
  const [apiVersion, kind, name] = ["v1", "ResourceQuota", "few"];
  await scenario.apply(JSON.stringify({ apiVersion, kind, metadata: { name }, spec: { hard } }));
  await scenario.editStatus(`${kind}/${name}`, { hard, used: { "count/configmaps": "0" } });
}
