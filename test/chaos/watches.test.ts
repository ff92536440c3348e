/**
 * Objects are edited by hand while the kustomize controller is cut off from the API server, at the moment when that begins
 * and at the moment when it ends: all is as declared some seconds later, without a request or an interval, and what others
 * have set beside it is still there. `LEAT_CHAOS_SEED` repeats a run, `LEAT_CHAOS_ROUNDS` makes it longer.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  type FlakyNetwork,
  openPrivateDirectory,
  type PrivateDirectory,
  randomFrom,
  startFlakyNetwork,
} from "@leat/testing";
import { testBeyondFlux } from "../harness/beyond-flux.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { editAtRandom, valueOf } from "./hand-edits.ts";
import { commitModels, openWorld, untilAsModelled, type World } from "./world.ts";

const rounds = Number(process.env["LEAT_CHAOS_ROUNDS"] ?? 5);
const seed = Number(process.env["LEAT_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** An object that drifts too often is corrected with a backoff, so its rounds are few. */
const roundsPerScenario = 10;
/** Many with few objects: unnoticed drift of one object must not be corrected because of another. */
const apps = ["a", "b", "c", "d", "e", "f", "g"];
const mostEdits = 6;
const longestCutMs = 1_500;

let directory: PrivateDirectory;
let harness: OwnHarness;
let network: FlakyNetwork;
before(async () => {
  directory = await openPrivateDirectory();
  const kubeconfig = join(directory.path, "kubeconfig");
  harness = await startHarness({ start: false, args: { "kustomize-controller": [`--kubeconfig=${kubeconfig}`] } });
  const { controlPlane, stack, start } = harness;
  network = await startFlakyNetwork(controlPlane.url);
  const direct = await readFile(harness.kubeconfigOf("kustomize-controller"), "utf8");
  await writeFile(kubeconfig, direct.replaceAll(controlPlane.url, network.url), { mode: 0o600 });
  await Promise.all(stack.processes.map(({ name }) => start(name)));
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

for (let first = 1; first <= rounds; first += roundsPerScenario) {
  const last = Math.min(rounds, first + roundsPerScenario - 1);
  testBeyondFlux(
    () => harness,
    `hand edits around cuts ${first} to ${last} of all connections are corrected (seed ${seed})`,
    async () => {
      const random = randomFrom(seed + first);
      await using world = await openWorld(harness, "watches", { apps, random });
      for (let round = first; round <= last; round++) {
        const cut = random.pick(cuts);
        const edited = await editAroundCut(world, cut);
        await untilAsModelled(world, `round ${round}, ${cut.name}, seed ${seed}, after\n${edited.join("\n")}`);
      }
    },
  );
}

testBeyondFlux(
  () => harness,
  `hand edits that the API server has forgotten when the connections are back are corrected (seed ${seed})`,
  async () => {
    await using world = await openWorld(harness, "watches", { apps, random: randomFrom(seed) });
    network.reject();
    const edited = await editSome(world, mostEdits);
    // What a server has in memory of the past begins with its start.
    await harness.controlPlane.restartApiServer();
    network.recover();
    await untilAsModelled(world, `seed ${seed}, after\n${edited.join("\n")}`);
  },
);

interface Cut {
  name: string;
  begin: () => void;
  end: () => void;
}

const cuts: Cut[] = [
  { name: "connections are reset and rejected", begin: () => network.reject(), end: () => network.recover() },
  { name: "connections are reset", begin: () => network.cut(), end: () => network.recover() },
  { name: "connections are silent, and carry on", begin: () => network.goDark(), end: () => network.recover() },
  {
    name: "connections are silent, and are reset in the end",
    begin: () => network.goDark(),
    end: () => {
      network.cut();
      network.recover();
    },
  },
];

/** @returns what was done */
async function editAroundCut(world: World, cut: Cut): Promise<string[]> {
  const { random, scenario, models } = world;
  const before_ = editSome(world, random.below(mostEdits));
  await pause(random.below(50));
  cut.begin();
  const edited = [...(await before_), "cut", ...(await editSome(world, 1 + random.below(mostEdits)))];
  if (random.below(3) === 0) {
    const model = random.pick(models);
    model.data = { a: valueOf(random) };
    await commitModels(world);
    await scenario.request("GitRepository/repo");
    edited.push(`commit that changes ${model.name}`);
  }
  await pause(random.below(longestCutMs));
  const after_ = editSome(world, random.below(mostEdits));
  await pause(random.below(20));
  cut.end();
  return [...edited, "end of the cut", ...(await after_)];
}

async function editSome(world: World, count: number): Promise<string[]> {
  const { scenario, models } = world;
  // Numbers of its own: what is done at the same time draws as many as it needs.
  const random = randomFrom(world.random.below(2 ** 31));
  const done: string[] = [];
  for (let left = count; left > 0; left--) done.push(await editAtRandom(scenario, random.pick(models), random));
  return done;
}
