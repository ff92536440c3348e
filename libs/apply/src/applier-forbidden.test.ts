/**
 * Where RBAC forbids to list or to watch what is applied, each run finds what was changed by hand; where it is allowed later,
 * that is corrected at once. `LEAT_SEED` repeats a run, `LEAT_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { eventually, type Random, randomFrom } from "@leat/testing";
import { assertAsModelled, editAtRandom, type Modelled, modelOf, kindWatch } from "../test/hand-edits.ts";
import { type Limited, openLimited } from "../test/limited.ts";
import { createTestApplier, openSetting, type Setting } from "../test/fixture.ts";
import { defineWidgets } from "../test/widgets.ts";
import type { Applier } from "./index.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 3);
const both = ["list", "watch"];
/** Starts again soon, so that a right that was taken away is missed soon. */
const watchTiming = { sessionMs: 1_000 };

suite("hand edits are corrected", { concurrency: true }, () => {
  for (const verbs of [[], ["list"]]) {
    const may = verbs.join() || "neither list nor watch";
    test(`at each run where one may ${may}, and at once while one may both (LEAT_SEED=${seed})`, async () => {
      await using world = await openWorld(verbs, randomFrom(seed + verbs.length));
      for (let round = 0; round < rounds; round++) await editAndRun(world, `round ${round}, forbidden`);
      await world.limited.allow(both);
      await untilNothingIsAsked(world);
      for (let round = 0; round < rounds; round++) await editAndFollow(world, `round ${round}, allowed`);
      await world.limited.allow(verbs);
      await untilForbidden(world);
      for (let round = 0; round < rounds; round++) await editAndRun(world, `round ${round}, forbidden again`);
    });
  }

  test(`at once where one may watch and not list (LEAT_SEED=${seed})`, async () => {
    await using world = await openWorld(["watch"], randomFrom(seed + 2));
    await untilNothingIsAsked(world);
    for (let round = 0; round < rounds; round++) await editAndFollow(world, `round ${round}`);
  });

  test("what has gone before one may watch is told once one may", async () => {
    await using world = await openWorld([], randomFrom(seed));
    const [gone, unlabelled] = world.models;
    assert.ok(gone && unlabelled);
    await world.setting.delete(gone.declared);
    const labels = { "kustomize.toolkit.fluxcd.io/name": null };
    await world.setting.edit(unlabelled.declared, { metadata: { labels } });
    await world.limited.allow(both);
    const subjects = [gone, unlabelled].map(({ declared }) => new RegExp(`/${declared.metadata.name}$`));
    await eventually(() => subjects.every((subject) => world.drifts.some((one) => subject.test(one))), {
      what: "the drift to be told",
    });
    await run(world);
    await assertAll(world, "after the run");
  });
});

interface World extends AsyncDisposable {
  setting: Setting;
  limited: Limited;
  applier: Applier;
  drifts: string[];
  models: Modelled[];
  random: Random;
}

/** Objects of two kinds, applied by one who may use these verbs besides those that applying takes. */
async function openWorld(verbs: readonly string[], random: Random): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const setting = stack.use(await openSetting());
  const widgets = stack.use(await defineWidgets(setting.kube, setting.namespace));
  const resources = { "": ["configmaps"], [widgets.group]: ["widgets"] };
  const limited = stack.use(await openLimited(setting, { resources, verbs, watchTiming }));
  const drifts: string[] = [];
  const applier = stack.use(createTestApplier(limited.kube, { drifts, health: { count: 0 } }));
  const models = ["v1", widgets.apiVersion].flatMap((apiVersion) =>
    ["one", "two"].map((name) => modelOf(apiVersion, setting.namespace, name, "1")),
  );
  const all = stack.move();
  const dispose = () => all.disposeAsync();
  const world: World = { setting, limited, applier, drifts, models, random, [Symbol.asyncDispose]: dispose };
  await run(world);
  return world;
}

async function run({ applier, setting, models }: World): Promise<void> {
  const objects = models.map(({ declared }) => ({ object: declared }));
  const request = { owner: setting.owner, objects, force: false, timeoutMs: 20_000 };
  const outcome = await applier.apply(request, AbortSignal.timeout(20_000));
  assert.equal(outcome.kind, "applied", JSON.stringify(outcome));
  models.forEach(kindWatch);
}

async function edit({ setting, random, models }: World): Promise<string> {
  const done: string[] = [];
  for (let left = 1 + random.below(4); left > 0; left--) {
    done.push(await editAtRandom(setting.kube, random.pick(models), { random }));
  }
  return done.join("\n");
}

async function editAndRun(world: World, when: string): Promise<void> {
  const done = await edit(world);
  await run(world);
  await assertAll(world, `${when}, after\n${done}`);
}

/** Runs only where drift is told, and not on a schedule. */
async function editAndFollow(world: World, when: string): Promise<void> {
  const { drifts } = world;
  const done = await edit(world);
  await eventually(
    async () => {
      if (drifts.splice(0).length > 0) await run(world);
      await assertAll(world, `${when}, after\n${done}`);
      return true;
    },
    { what: "everything to be as declared" },
  );
}

async function assertAll({ setting, models }: World, when: string): Promise<void> {
  for (const model of models) await assertAsModelled(setting.kube, model, when);
}

async function untilNothingIsAsked(world: World): Promise<void> {
  const { requests } = world.limited;
  const asked = async () => {
    requests.length = 0;
    await run(world);
    return requests.filter((request) => !request.startsWith("watch "));
  };
  await eventually(async () => (await asked()).length === 0, { what: "a run that asks nothing", timeoutMs: 20_000 });
}

async function untilForbidden({ limited }: World): Promise<void> {
  const { requests } = limited;
  requests.length = 0;
  const forbidden = ["watch configmaps 403", "watch widgets 403"];
  await eventually(() => forbidden.every((request) => requests.includes(request)), {
    what: "the watches to be rejected",
    timeoutMs: 20_000,
  });
}
