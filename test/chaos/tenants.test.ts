/**
 * Ten honest tenants commit and edit by hand while two hostile ones launch one attack after another: all objects of the honest ones
 * are as declared within seconds, no controller ends, and their memory stays as it is. `LEAT_CHAOS_SEED` repeats a run,
 * `LEAT_CHAOS_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { randomFrom } from "@leat/testing";
import { readTree } from "../bench/process-tree.ts";
import { launch } from "../harness/attacks/attack.ts";
import { attacks } from "../harness/attacks/all.ts";
import { pidsOf, startAttackedHarness } from "../harness/attacks/attacked.ts";
import { type SilentServer, startSilentServer } from "../harness/attacks/silent-server.ts";
import { testBeyondFlux } from "../harness/beyond-flux.ts";
import type { OwnHarness } from "../harness/own-harness.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { removeDeclared } from "../harness/remove-declared.ts";
import { editAtRandom, valueOf } from "./hand-edits.ts";
import { commitModels, openWorld, untilAsModelled, type World } from "./world.ts";

const rounds = Number(process.env["LEAT_CHAOS_ROUNDS"] ?? 5);
const seed = Number(process.env["LEAT_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const honestTenants = 10;
const hostileTenants = 2;

let harness: OwnHarness;
let silent: SilentServer;
before(async () => {
  silent = await startSilentServer();
  harness = await startAttackedHarness();
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});

testBeyondFlux(
  () => harness,
  `${honestTenants} tenants are served beside ${hostileTenants} hostile ones for ${rounds} rounds (seed ${seed})`,
  async (context) => {
    const random = randomFrom(seed);
    const worlds: World[] = [];
    for (let index = 0; index < honestTenants; index++) {
      worlds.push(await openWorld(harness, "honest", { apps: ["a", "b"], random: randomFrom(seed + index) }));
    }
    const pids = pidsOf(harness);
    const hostile: Scenario[] = [];
    const memory: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const attack = random.pick(attacks);
      const tenant = await startScenario(harness, "hostile");
      hostile.push(tenant);
      await launch(tenant, attack, silent.address);
      const world = random.pick(worlds);
      const startedAt = performance.now();
      const done = await actHonestly(world);
      await untilAsModelled(world, `round ${round}, ${attack.about}, seed ${seed}, after ${done}`);
      const resident = await residentMiB(pids);
      memory.push(resident);
      const took = Math.round(performance.now() - startedAt);
      context.diagnostic(`round ${round}: ${attack.about}: as declared after ${took} ms, ${Math.round(resident)} MiB`);
      assert.deepEqual(pidsOf(harness), pids);
      if (hostile.length < hostileTenants) continue;
      const oldest = hostile.shift();
      if (oldest !== undefined) await removeDeclared(harness.kube, oldest.namespace);
    }
    for (const world of worlds) await untilAsModelled(world, `the end, seed ${seed}`);
    assertFlat(memory);
  },
);

/** A commit, and edits by hand around it; gives what was done. */
async function actHonestly(world: World): Promise<string> {
  const { scenario, random, models } = world;
  const model = random.pick(models);
  model.data = { a: valueOf(random), b: valueOf(random) };
  const edited = await editAtRandom(scenario, random.pick(models), random);
  await commitModels(world);
  await scenario.request("GitRepository/repo");
  return `${edited}, and a commit that changes ${model.name}`;
}

async function residentMiB(pids: readonly number[]): Promise<number> {
  const trees = await Promise.all(pids.map((pid) => readTree(pid)));
  return trees.reduce((sum, tree) => sum + tree.residentMiB, 0);
}

/** Of rounds enough to compare: the least of the last quarter is no more than that of the second, and some caches. */
function assertFlat(memory: readonly number[]): void {
  const quarter = Math.floor(memory.length / 4);
  if (quarter < 5) return;
  const leastOf = (part: number) => Math.min(...memory.slice(part * quarter, (part + 1) * quarter));
  const [early, late] = [leastOf(1), leastOf(3)];
  assert.ok(late <= early * 1.15, `${late} MiB after ${early} MiB`);
}
