/**
 * A controller that is killed with -9 at a random moment of a change loses nothing, and neither does an API server that
 * restarts: after it every object is as declared, the inventories are exact, no archive is half-written and no child process
 * is left. `LEAT_CHAOS_SEED` repeats a run, `LEAT_CHAOS_ROUNDS` makes it longer.
 */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { eventually, randomFrom } from "@leat/testing";
import { inventoryOf } from "../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { type Files, type Scenario, startScenario, statusOf } from "../harness/scenario.ts";

const kills = Number(process.env["LEAT_CHAOS_ROUNDS"] ?? 20);
/** So many kills and then a restart of the API server are one test. */
const killsPerRestart = 10;
const seed = Number(process.env["LEAT_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const apps = ["a", "b", "c", "d", "e", "f", "g", "h"];
const slots = [0, 1, 2, 3, 4, 5];
const longestWaitMs = 700;

const random = randomFrom(seed);
let harness: OwnHarness;
let scenario: Scenario;
before(async () => {
  harness = await startHarness();
  scenario = await startScenario(harness, "chaos");
  await scenario.commit(filesOf(new Map(), declared));
  const manifests = apps.map((app) => kustomization(app, `  path: ./${app}\n  prune: true`));
  await scenario.apply(gitRepository() + manifests.join(""));
});
after(async () => {
  await scenario[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

/** What a commit declares: the value of each object, by app and name. */
type Declared = Map<string, Map<string, string>>;
let declared = declaredAtRandom(0);

suite(`at a random moment of a change, nothing is lost by (seed ${seed})`, () => {
  for (let first = 1; first <= kills; first += killsPerRestart) {
    const last = Math.min(kills, first + killsPerRestart - 1);
    test(`kills ${first} to ${last} of a controller, and a restart of the API server`, async () => {
      for (let round = first; round <= last; round++) await changeWhile(killOne, round);
      await changeWhile(restartApiServer, last);
    });
  }
});

async function changeWhile(strike: () => Promise<string>, round: number): Promise<void> {
  const next = declaredAtRandom(round);
  const sha = await scenario.commit(filesOf(declared, next));
  declared = next;
  await scenario.request("GitRepository/repo");
  await pause(random.below(longestWaitMs));
  const struck = await strike();
  await Promise.all(apps.map((app) => scenario.untilReady(`Kustomization/${app}`, sha)));
  // What is no longer declared is deleted when the other Kustomizations of the repository are reconciled too.
  await eventually(isAsDeclared, { what: `all to be as declared in round ${round}, ${struck}` });
  // A source controller that has just started still clears away what the killed one left.
  await eventually(hasWholeArchives, { what: "whole archives, and nothing beside them" });
}

async function restartApiServer(): Promise<string> {
  await harness.controlPlane.restartApiServer();
  return "API server restarted";
}

async function killOne(): Promise<string> {
  const victim = random.pick(harness.stack.processes).name;
  await harness.kill(victim);
  await assertNoChildren(victim);
  await harness.start(victim);
  return `${victim} killed`;
}

function declaredAtRandom(round: number): Declared {
  const objects = (app: string) =>
    slots
      .filter(() => random.below(10) < 7)
      .map((slot) => [`${app}-${slot}`, String(random.below(3) * 1000 + (slot === 0 ? round : 0))] as const);
  return new Map(apps.map((app) => [app, new Map([[`${app}-always`, String(round)] as const, ...objects(app)])]));
}

function filesOf(before_: Declared, next: Declared): Files {
  const files: Record<string, string | null> = {};
  for (const [app, objects] of before_) for (const name of objects.keys()) files[`${app}/${name}.yaml`] = null;
  for (const [app, objects] of next)
    for (const [name, value] of objects) files[`${app}/${name}.yaml`] = configMap(name, value);
  return files;
}

async function isAsDeclared(): Promise<true> {
  const { kube, namespace, get } = scenario;
  const resource = await kube.resourceOf("v1", "ConfigMap");
  assert.ok(resource);
  const { objects } = await kube.list({ resource, namespace, labelSelector: "kustomize.toolkit.fluxcd.io/name" });
  const live = objects.map(({ metadata, data }) => `${metadata.name}=${(data as { value: string }).value}`).toSorted();
  const wanted = [...declared.values()]
    .flatMap((own) => [...own].map(([name, value]) => `${name}=${value}`))
    .toSorted();
  assert.deepEqual(live, wanted);
  for (const [app, own] of declared) {
    const ids = [...own.keys()].map((name) => `${namespace}_${name}__ConfigMap`).toSorted();
    assert.deepEqual(inventoryOf(await get(`Kustomization/${app}`)).toSorted(), ids, `inventory of ${app}`);
  }
  return true;
}

/** Children of a killed controller end by themselves: their pipes break, or what they do is done. */
async function assertNoChildren(victim: string): Promise<void> {
  const orphans = async () => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(pids.map(orphanIn));
    return found.filter((one) => one !== undefined);
  };
  await eventually(async () => (await orphans()).length === 0, { what: `children of the killed ${victim} to end` });
}

/** The command line of a process without a parent that works in the programs' directory. */
async function orphanIn(pid: string): Promise<string | undefined> {
  try {
    const [status, command] = await Promise.all([
      readFile(`/proc/${pid}/status`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    const environment = await readFile(`/proc/${pid}/environ`, "utf8");
    const isOrphan = /^PPid:\s+1$/m.test(status);
    return isOrphan && (command + environment).includes(harness.directory) ? command : undefined;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** The archive that the status names has its digest; all others are whole, and nothing half-written lies about. */
async function hasWholeArchives(): Promise<true> {
  const storage = join(harness.directory, "storage");
  const clones = await clonesIn(join(storage, ".git"));
  assert.ok(clones.length <= 1, `${clones.length} clones of one repository`);
  const entries = await readdir(storage, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((file) => !file.startsWith(join(storage, ".git/")));
  const { path, digest } = statusOf(await scenario.get("GitRepository/repo")).artifact ?? { path: "", digest: "" };
  assert.ok(files.includes(join(storage, path)), `${path} is missing`);
  for (const file of files) {
    assert.match(file, /\.tar\.gz$/, "a temporary file was left");
    const bytes = await readFile(file);
    assert.ok(gunzipSync(bytes).length > 0, file);
    if (file === join(storage, path)) assert.equal(`sha256:${hash("sha256", bytes)}`, digest);
  }
  return true;
}

/** A source controller that has found nothing new since its start has cloned nothing, and made no directory for it. */
async function clonesIn(directory: string): Promise<string[]> {
  return existsSync(directory) ? readdir(directory) : [];
}
