/**
 * Objects are edited by hand while the kustomize controller is cut off from the API server, at the moment when that begins
 * and at the moment when it ends: all is as declared some seconds later, without a request or an interval, and what others
 * have set beside it is still there. `LEAT_CHAOS_SEED` repeats a run, `LEAT_CHAOS_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  eventually,
  type FlakyNetwork,
  openPrivateDirectory,
  type PrivateDirectory,
  type Random,
  randomFrom,
  startFlakyNetwork,
} from "@leat/testing";
import { testBeyondFlux } from "../harness/beyond-flux.ts";
import { logLinesOf } from "../harness/harness.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { gitRepository, kustomization } from "../harness/manifests.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { assertAsModelled, editAtRandom, manifestOf, type Modelled, valueOf } from "./hand-edits.ts";

const rounds = Number(process.env["LEAT_CHAOS_ROUNDS"] ?? 5);
const seed = Number(process.env["LEAT_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** An object that drifts too often is corrected with a backoff, so its rounds are few. */
const roundsPerScenario = 10;
/** Many with few objects: unnoticed drift of one object must not be corrected because of another. */
const apps = ["a", "b", "c", "d", "e", "f", "g"];
const mostEdits = 6;
const longestCutMs = 1_500;
const patienceMs = 20_000;

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
      await using world = await openWorld(random);
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
    await using world = await openWorld(randomFrom(seed));
    network.reject();
    const edited = await editSome(world, mostEdits);
    // What a server has in memory of the past begins with its start.
    await harness.controlPlane.restartApiServer();
    network.recover();
    await untilAsModelled(world, `seed ${seed}, after\n${edited.join("\n")}`);
  },
);

interface World extends AsyncDisposable {
  scenario: Scenario;
  random: Random;
  models: Modelled[];
}

/** Some Kustomizations with a few objects each, ready, with an interval that no test lives to see. */
async function openWorld(random: Random): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const scenario = stack.use(await startScenario(harness, "watches"));
  const models = apps.flatMap((app) =>
    (["ConfigMap", "Secret"] as const).map((kind, index) => {
      const data = { a: valueOf(random), b: valueOf(random) };
      return { kind, name: `${app}${index}`, app, data, foreignData: {}, foreignAnnotations: {} };
    }),
  );
  const sha = await commit(scenario, models);
  const manifests = apps.map((app) => kustomization(app, `  path: ./${app}\n  prune: true`));
  await scenario.apply(gitRepository() + manifests.join(""));
  await Promise.all(apps.map((app) => scenario.untilReady(`Kustomization/${app}`, sha)));
  const all = stack.move();
  return { scenario, random, models, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function commit(scenario: Scenario, models: readonly Modelled[]): Promise<string> {
  return scenario.commit(
    Object.fromEntries(models.map((model) => [`${model.app}/${model.name}.yaml`, manifestOf(model)])),
  );
}

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
    await commit(scenario, models);
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

async function untilAsModelled({ scenario, models }: World, when: string): Promise<void> {
  const holds = async () => {
    await assertAsModelled(scenario, models);
    return true;
  };
  await eventually(holds, { what: "everything to be as declared", timeoutMs: patienceMs }).catch(
    async (cause: unknown) => {
      const log = await logLinesOf(harness, scenario.namespace, 60);
      assert.fail(`${when}\n${cause instanceof Error ? cause.message : String(cause)}\n${log}`);
    },
  );
}
