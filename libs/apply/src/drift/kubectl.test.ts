/** What becomes of the changes that kubectl makes: the table of docs/guides/drift.md. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { openSetting, type Setting } from "../../test/fixture.ts";

interface Workload extends KubeObject {
  spec: { template: { metadata: { annotations?: Record<string, string> } } };
}

const restart = (at: string) => ({ "kubectl.kubernetes.io/restartedAt": at });
const inTemplate = (annotations: object) => ({ spec: { template: { metadata: { annotations } } } });
const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: "app", image: name }] } } } });

suite("kubectl rollout restart", () => {
  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"]) {
    test(`of a ${kind} stays`, async () => {
      await using setting = await openSetting();
      const declared = workload(setting.namespace, kind);
      await setting.settle([declared]);
      await setting.edit(declared, inTemplate(restart("by hand")), "kubectl-rollout");
      const { spec } = await untilCorrected(setting, declared);
      assert.deepEqual(spec.template.metadata.annotations, restart("by hand"));
    });
  }

  test("is reverted if Git declares when to restart", async () => {
    await using setting = await openSetting();
    const declared = workload(setting.namespace, "Deployment", restart("by Git"));
    await setting.settle([declared]);
    await setting.edit(declared, inTemplate(restart("by hand")), "kubectl-rollout");
    const { spec } = await untilCorrected(setting, declared);
    assert.deepEqual(spec.template.metadata.annotations, restart("by Git"));
  });
});

suite("what else kubectl changes is reverted", () => {
  const rows: Array<[command: string, manager: string, change: object]> = [
    ["annotate", "kubectl-annotate", { metadata: { annotations: { more: "x" } } }],
    ["annotate in the template", "kubectl-annotate", inTemplate({ more: "x" })],
    ["label", "kubectl-label", { metadata: { labels: { more: "x" } } }],
    ["set image", "kubectl-set", image("example.org/app:2")],
    ["edit", "kubectl-edit", { spec: { minReadySeconds: 5 } }],
    ["patch", "kubectl-patch", { spec: { revisionHistoryLimit: 3 } }],
    ["rollout pause", "kubectl-rollout", { spec: { paused: true } }],
  ];
  for (const [command, manager, change] of rows) {
    test(command, async () => {
      await using setting = await openSetting();
      const declared = workload(setting.namespace, "Deployment");
      await setting.settle([declared]);
      const before = await liveOf(setting, declared);
      await setting.edit(declared, change, manager);
      assert.deepEqual(contentOf(await untilCorrected(setting, declared)), contentOf(before));
    });
  }
});

/** Corrects drift that comes after what was changed before: the watch has then seen that too. */
async function untilCorrected(setting: Setting, declared: KubeObject): Promise<Workload> {
  await setting.edit(declared, { metadata: { annotations: { last: "x" } } }, "kubectl-edit");
  return eventually(
    async () => {
      await setting.apply([declared]);
      const live = await liveOf(setting, declared);
      return live.metadata.annotations?.["last"] === undefined ? live : undefined;
    },
    { what: "a correction" },
  );
}

async function liveOf({ read }: Setting, { kind, metadata, apiVersion }: KubeObject): Promise<Workload> {
  const live = await read(kind, metadata.name, apiVersion);
  assert.ok(live);
  return live as Workload;
}

/** Without what the server's own controllers write. */
function contentOf({ metadata: { labels, annotations }, spec }: Workload): object {
  return { labels, annotations: { ...annotations, "deployment.kubernetes.io/revision": "" }, spec };
}

function workload(namespace: string, kind: string, annotations?: Record<string, string>): KubeObject {
  const labels = { app: "web" };
  const containers = [{ name: "app", image: "example.org/app:1" }];
  const template = { metadata: { labels, ...(annotations && { annotations }) }, spec: { containers } };
  const spec = { selector: { matchLabels: labels }, template, ...(kind !== "DaemonSet" && { replicas: 0 }) };
  return { apiVersion: "apps/v1", kind, metadata: { name: "web", namespace }, spec };
}
