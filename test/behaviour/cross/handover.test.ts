/**
 * A fleet is handed over live from one stack to another and back: nothing is recreated, restarted, pruned or written.
 * `LEAT_HANDOVER`, or else `LEAT_STACK`, names the description of the other stack (`StackDescription`), such as Flux's; without
 * it the other one is Leat too, so that what is shown is a restart by programs that know nothing of the fleet.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { ManagedFieldsEntry } from "@leat/api";
import { inventoryOf, push, rerun } from "../../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { describedStack, type StackDescription } from "../../harness/stack.ts";

const otherStack = process.env["LEAT_HANDOVER"] ?? process.env["LEAT_STACK"];
const programs = ["source-controller", "kustomize-controller"];
const ours = (program: string) => `leat-${program}`;

let harness: OwnHarness;
before(async () => {
  const stack = await bothStacks();
  harness = await startHarness({ stack, start: false, controlPlane: { controllerManager: true } });
});
beforeEach(async () => {
  await Promise.all(harness.stack.processes.map(({ name }) => harness.stop(name)));
  await Promise.all(programs.map((program) => harness.start(program)));
});
after(() => harness[Symbol.asyncDispose]());

/** Its definitions and programs, and our programs beside them. */
async function bothStacks(): Promise<StackDescription> {
  const [other, leat] = [await describedStack(otherStack), await describedStack("leat-sources")];
  const own = leat.processes.map((process_) => ({ ...process_, name: ours(process_.name) }));
  return { ...other, processes: [...other.processes, ...own] };
}

test("a fleet of more than 30 kinds changes hands and comes back, and no object is touched", async () => {
  await using scenario = await startScenario(harness, "handover");
  const manyKinds = await readFile(join(import.meta.dirname, "fixtures/many-kinds.yaml"), "utf8");
  const first = await scenario.commit({ "kinds/all.yaml": manyKinds, "app/one.yaml": configMap("one") });
  await scenario.apply(gitRepository() + kustomization("kinds", "  path: ./kinds\n  prune: true") + kustomization());
  await untilReadyAt(scenario, first);
  const before_ = await fleetOf(scenario);
  assert.ok(new Set(before_.map(({ kind }) => kind)).size >= 30);

  for (const [from, to] of [
    ["kustomize-controller", ours("kustomize-controller")],
    ["source-controller", ours("source-controller")],
    [ours("kustomize-controller"), "kustomize-controller"],
    [ours("source-controller"), "source-controller"],
  ] as const) {
    await harness.stop(from);
    await harness.start(to);
    for (const subject of ["GitRepository/repo", "Kustomization/kinds", "Kustomization/app"]) {
      await rerun(scenario, subject);
    }
    const touched = (await fleetOf(scenario)).filter((kept, index) => !isDeepStrictEqual(kept, before_[index]));
    assert.deepEqual(touched, [], `${from} → ${to}`);
  }
});

test("the active controller continues with the next commit: changes, new objects, and pruned ones", async () => {
  await using scenario = await startScenario(harness, "carry-on");
  await scenario.commit({ "app/one.yaml": configMap("one"), "app/two.yaml": configMap("two") });
  await scenario.apply(gitRepository() + kustomization());
  await scenario.untilReady("Kustomization/app");
  const one = await scenario.get("ConfigMap/one");

  for (const [from, to, value] of [
    ["kustomize-controller", ours("kustomize-controller"), "2"],
    [ours("kustomize-controller"), "kustomize-controller", "3"],
  ] as const) {
    await harness.stop(from);
    await harness.start(to);
    const sha = await push(scenario, {
      "app/one.yaml": configMap("one", value),
      "app/two.yaml": null,
      [`app/new-${value}.yaml`]: configMap(`new-${value}`),
    });
    await scenario.untilReady("Kustomization/app", sha);
    assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value });
    assert.ok(await scenario.get(`ConfigMap/new-${value}`));
    await scenario.untilGone("ConfigMap/two");
  }
  assert.equal((await scenario.get("ConfigMap/one"))?.metadata.uid, one?.metadata.uid);
  assert.deepEqual(
    inventoryOf(await scenario.get("Kustomization/app")),
    ["new-2", "new-3", "one"].map((name) => `${scenario.namespace}_${name}__ConfigMap`),
  );
});

async function untilReadyAt(scenario: Scenario, sha: string): Promise<void> {
  for (const name of ["kinds", "app"]) await scenario.untilReady(`Kustomization/${name}`, sha);
}

/**
 * What must not change of an object: which one it is, its generation, and what its applier has set, and when. The last is only
 * for one and the same stack: each other one writes down its fields in its own way, with one write that changes no field.
 */
interface Kept {
  id: string;
  kind: string;
  uid: string | undefined;
  generation: number | undefined;
  labels: Record<string, string> | undefined;
  applied?: ManagedFieldsEntry[];
}

async function fleetOf(scenario: Scenario): Promise<Kept[]> {
  const kustomizations = await Promise.all(["kinds", "app"].map((name) => scenario.get(`Kustomization/${name}`)));
  const entries = kustomizations.flatMap((object) => {
    const { inventory } = (object?.["status"] ?? {}) as { inventory?: { entries: Entry[] } };
    return inventory?.entries ?? [];
  });
  return Promise.all(entries.map((entry) => keptOf(scenario, entry)));
}

interface Entry {
  id: string;
  v: string;
}

async function keptOf({ kube }: Scenario, { id, v }: Entry): Promise<Kept> {
  const [, namespace = "", written = "", group = "", kind = ""] = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id) ?? [];
  const resource = await kube.resourceOf(group === "" ? v : `${group}/${v}`, kind);
  assert.ok(resource, id);
  const name = written.replaceAll("__", ":");
  const object = await kube.get({ resource, name, ...(namespace !== "" && { namespace }) });
  assert.ok(object, `${id} is gone`);
  const { uid, generation, labels, managedFields = [] } = object.metadata;
  const applied = managedFields.filter(({ manager }) => manager === "kustomize-controller");
  assert.equal(applied.length, 1, id);
  const kept = { id, kind, uid, generation, labels };
  return otherStack === undefined ? { ...kept, applied } : kept;
}
