/**
 * What is remembered of the objects leaves the cluster where forgetting all of it would. Like a controller, the test applies
 * only where what is declared has changed, or where drift was told: another applier, which remembers nothing, must then find
 * nothing to do. `LEAT_SEED` repeats a run, `LEAT_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError } from "@leat/kube";
import { eventually, type Random, randomFrom } from "@leat/testing";
import { assertAsModelled, editAtRandom, type Modelled, modelOf, kindWatch } from "../test/hand-edits.ts";
import { actions, createTestApplier, openSetting, type Setting } from "../test/fixture.ts";
import { defineWidgets } from "../test/widgets.ts";
import type { InventoryEntry } from "./index.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 2);
// An object that drifts more often is reported with pauses.
const steps = 16;

suite("an applier that remembers leaves everything as one that does not", { concurrency: 2 }, () => {
  for (let round = 0; round < rounds; round++) {
    test(`after random edits and changes of what is declared, round ${round} of LEAT_SEED=${seed}`, async () => {
      await using world = await openWorld(randomFrom(seed + round));
      const done: string[] = [];
      for (let step = 0; step < steps; step++) {
        done.push(`step ${step}:`, ...(await takeStep(world)));
        await settle(world);
        await assertNothingToDo(world, done.join("\n"));
      }
    });
  }
});

interface World extends AsyncDisposable {
  setting: Setting;
  random: Random;
  apiVersions: string[];
  models: Modelled[];
  inventory: readonly InventoryEntry[];
  created: number;
}

async function openWorld(random: Random): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const setting = stack.use(await openSetting());
  const widgets = stack.use(await defineWidgets(setting.kube, setting.namespace));
  const all = stack.move();
  const dispose = () => all.disposeAsync();
  const apiVersions = ["v1", widgets.apiVersion];
  const world = { setting, random, apiVersions, models: [], inventory: [], created: 0, [Symbol.asyncDispose]: dispose };
  for (let count = 0; count < 5; count++) declareAnother(world);
  await run(world);
  return world;
}

function declareAnother(world: World): void {
  const { random, apiVersions, models, setting } = world;
  models.push(modelOf(random.pick(apiVersions), setting.namespace, `o${world.created++}`, String(random.below(1_000))));
}

/** @returns what was done */
async function takeStep(world: World): Promise<string[]> {
  switch (world.random.below(5)) {
    case 0: {
      const what = changeDeclared(world);
      await run(world);
      return [what, "applied"];
    }
    case 1: {
      // The watch may or may not have seen what was edited when the change is applied.
      const edited = await editSome(world);
      const what = changeDeclared(world);
      await run(world);
      return [...edited, what, "applied"];
    }
    case 2: {
      const what = changeDeclared(world);
      const [edited] = await Promise.all([editSome(world, true), run(world)]);
      return [what, "applied, and at the same time:", ...edited];
    }
    default:
      return editSome(world);
  }
}

function changeDeclared(world: World): string {
  const { random, models } = world;
  const model = random.pick(models);
  const { name } = model.declared.metadata;
  switch (random.below(4)) {
    case 0:
      declareAnother(world);
      return "declared another object";
    case 1:
      if (models.length <= 3) return "declared the same";
      world.models = models.filter((one) => one !== model);
      return `declared ${name} no longer`;
    default: {
      const field = "data" in model.declared ? "data" : "spec";
      model.declared = { ...model.declared, [field]: { a: String(random.below(1_000)) } };
      return `changed what is declared of ${name}`;
    }
  }
}

async function editSome({ setting, random, models }: World, racing = false): Promise<string[]> {
  const done: string[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    done.push(await editAtRandom(setting.kube, random.pick(models), { random, racing }));
  }
  return done;
}

async function run(world: World): Promise<void> {
  const { setting, models } = world;
  const { applier, owner, apply } = setting;
  const outcome = await apply(models.map(({ declared }) => declared));
  assert.equal(outcome.kind, "applied", JSON.stringify(outcome));
  models.forEach(kindWatch);
  const ids = new Set(outcome.inventory.map(({ id }) => id));
  const entries = world.inventory.filter(({ id }) => !ids.has(id));
  const { failed } = await applier.prune({ owner, entries }, AbortSignal.timeout(20_000));
  assert.deepEqual(failed, []);
  world.inventory = outcome.inventory;
}

const mostRuns = 5;

/** Runs for as long as drift is told. */
async function settle(world: World): Promise<void> {
  const { drifts } = world.setting;
  for (let left = mostRuns; left > 0; left--) {
    for (const apiVersion of world.apiVersions) await awaitSeen(world, apiVersion);
    if (drifts.splice(0).length === 0) return;
    await run(world);
  }
  assert.fail("there is drift after each run");
}

/** Returns when the applier's watch has seen all that has happened to objects of a kind: they come in order. */
async function awaitSeen(world: World, apiVersion: string): Promise<void> {
  const { setting, created } = world;
  const name = `marker${created}`;
  const { declared } = modelOf(apiVersion, setting.namespace, name, "");
  world.created += 1;
  await setting.apply([declared], { owner: { name: "marker", namespace: setting.namespace } });
  await setting.delete(declared);
  const isMarker = (subject: string) => subject.endsWith(`/${name}`);
  await eventually(() => setting.drifts.some(isMarker), { what: "the watch to have seen everything" });
  setting.drifts.splice(setting.drifts.findIndex(isMarker), 1);
}

async function assertNothingToDo({ setting, models }: World, done: string): Promise<void> {
  // Without lists it knows nothing again by itself: it asks the server of each object.
  const kube = { ...setting.kube, list: () => Promise.reject(new ApiError(403, "Forbidden", "")) };
  await using forgetful = createTestApplier(kube, { drifts: [], health: { count: 0 } });
  const objects = models.map(({ declared }) => ({ object: declared }));
  const request = { owner: setting.owner, objects, force: false, timeoutMs: 20_000 };
  const outcome = await forgetful.apply(request, AbortSignal.timeout(20_000));
  const changed = actions(outcome).filter((action) => !/ (unchanged|skipped)$/.test(action));
  assert.deepEqual(changed, [], `after\n${done}`);
  for (const model of models) await assertAsModelled(setting.kube, model, `after\n${done}`);
}
