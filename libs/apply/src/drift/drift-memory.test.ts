/**
 * Drift that is only told leaves every object as others have left it, and an applier that remembers tells the same as one
 * that knows only what was applied. `LEAT_SEED` repeats a run, `LEAT_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError, type Kube } from "@leat/kube";
import { eventually, randomFrom } from "@leat/testing";
import { editAtRandom, type Modelled, modelOf } from "../../test/hand-edits.ts";
import { createTestApplier, openSetting, type Setting } from "../../test/fixture.ts";
import { defineWidgets } from "../../test/widgets.ts";
import { type Applier, describeDrift, type DriftHandling, type InventoryEntry } from "../index.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 2);
const steps = 16;

suite("an applier that only tells of drift", { concurrency: 2 }, () => {
  for (let round = 0; round < rounds; round++) {
    test(`leaves what others have done, and tells of it, round ${round} of LEAT_SEED=${seed}`, async () => {
      const random = randomFrom(seed + round);
      await using setting = await openSetting();
      await using widgets = await defineWidgets(setting.kube, setting.namespace);
      const apiVersions = ["v1", widgets.apiVersion];
      const models = Array.from({ length: 6 }, (_, index) =>
        modelOf(random.pick(apiVersions), setting.namespace, `o${index}`, String(random.below(1_000))),
      );
      const { inventory } = await setting.settle(models.map(({ declared }) => declared));
      const done: string[] = [];
      for (let step = 0; step < steps; step++) {
        done.push(await editAtRandom(setting.kube, random.pick(models), { random }));
        const before = await statesOf(setting.kube, models);
        await assertToldAlike(setting, models, inventory, done.join("\n"));
        assert.deepEqual(await statesOf(setting.kube, models), before, `after\n${done.join("\n")}`);
      }
    });
  }
});

/** The watch may be late, but not for long. */
async function assertToldAlike(
  setting: Setting,
  models: readonly Modelled[],
  inventory: readonly InventoryEntry[],
  done: string,
): Promise<void> {
  const drift: DriftHandling = { mode: "warn", applied: inventory };
  // Without lists it asks the server of each object.
  const kube = { ...setting.kube, list: () => Promise.reject(new ApiError(403, "Forbidden", "")) };
  await using forgetful = createTestApplier(kube, { drifts: [], health: { count: 0 } });
  const expected = await tell(setting, forgetful, models, drift);
  let last: string[] = [];
  await eventually(
    async () => {
      last = await tell(setting, setting.applier, models, drift);
      return last.join() === expected.join();
    },
    { what: `the same to be told after\n${done}`, timeoutMs: 5_000 },
  ).catch((cause: Error) => assert.deepEqual(last, expected, cause.message));
}

async function tell(
  { owner }: Setting,
  applier: Applier,
  models: readonly Modelled[],
  drift: DriftHandling,
): Promise<string[]> {
  const objects = models.map(({ declared }) => ({ object: declared }));
  const request = { owner, objects, drift, force: false, timeoutMs: 20_000 };
  const { kind, changes } = await applier.apply(request, AbortSignal.timeout(20_000));
  assert.equal(kind, "applied");
  return changes.map(({ subject, action, drift: found }) =>
    found === undefined ? `${subject} ${action}` : describeDrift({ subject, drift: found }),
  );
}

async function statesOf(kube: Kube, models: readonly Modelled[]): Promise<Array<string | undefined>> {
  return Promise.all(
    models.map(async ({ declared: { apiVersion, kind, metadata } }) => {
      const resource = await kube.resourceOf(apiVersion, kind);
      assert.ok(resource);
      const live = await kube.get({ resource, namespace: metadata.namespace, name: metadata.name });
      return live?.metadata.resourceVersion;
    }),
  );
}
