import { setTimeout as pause } from "node:timers/promises";
import type { GitTestRepository } from "@leat/testing";
import type { OwnHarness } from "../harness/own-harness.ts";
import { gitRepository, kustomization } from "../harness/manifests.ts";
import { type Files, type Scenario, startScenario } from "../harness/scenario.ts";
import { type App, writeAsApplied } from "./as-applied.ts";
import { inLanes } from "./lanes.ts";
import { fileOf, untilAllReady } from "./many.ts";
import { createSteps, type Measured, type Steps } from "./measured.ts";
import { isIdleIn, reconciledIn } from "./metrics.ts";
import { startAll, stopAndForget } from "./restart.ts";

const kustomizations = 10_000;
const objectsEach = 10;
const repositories = 100;
/** Kustomizations of the first repository; the others share the rest. */
const inFirst = 1_000;
const patienceMs = 600_000;
const lookEveryMs = 1_000;

/**
 * A fleet as large as one pair of controllers should carry. Its first sync is not part of it: the objects are written as if it had
 * been long ago, then all programs start and know nothing of them.
 */
export async function scale10k(harness: OwnHarness): Promise<Measured> {
  await using scenario = await startScenario(harness, "scale-10k");
  const steps = createSteps(harness);
  const { taken, take } = steps;
  const fleet = await createRepositories(scenario);
  await writeFleet(scenario, fleet);

  await stopAndForget(harness);
  await take("cold restart", async () => {
    await startAll(harness);
    await untilAllReconciled(steps);
  });
  await steps.requests.untilQuiet(4_000, patienceMs);
  await take("a minute at rest", () => pause(60_000));
  await take(`one commit in a source of ${inFirst} Kustomizations`, async () => {
    const [first] = fleet;
    if (first === undefined) throw new Error("there is no repository");
    const sha = await first.repository.commit(filledIn(scenario, fileOf("app-1", 0, "2")));
    await scenario.request(`GitRepository/${first.name}`);
    await untilAllReady(scenario, sha, "source=repo-0");
  });
  await steps.requests.untilQuiet(4_000, patienceMs);
  await take("another minute at rest", () => pause(60_000));
  const about = `${kustomizations} Kustomizations of ${objectsEach} ConfigMaps each, from ${repositories} repositories`;
  return { scenario: "scale-10k", about, seconds: [], steps: taken, memoryOfEach: true };
}

interface Source {
  name: string;
  repository: GitTestRepository;
  apps: App[];
}

async function createRepositories(scenario: Scenario<OwnHarness>): Promise<Source[]> {
  const { harness, namespace } = scenario;
  const sources: Source[] = [];
  const names = Map.groupBy(
    Array.from({ length: kustomizations }, (_, index) => index),
    (index) => (index < inFirst ? 0 : 1 + (index % (repositories - 1))),
  );
  await inLanes(names, async ([index, apps]) => {
    const name = `repo-${index}`;
    const repository = await harness.git.createRepository(`${namespace}-${index}`);
    const files = apps.map((app) => [`app-${app}`, filledIn(scenario, filesOfApp(`app-${app}`))] as const);
    const sha = await repository.commit(Object.assign({}, ...files.map(([, of]) => of)) as Files);
    await scenario.apply(gitRepository(undefined, name).replaceAll("{{url}}", repository.url));
    await scenario.untilReady(`GitRepository/${name}`, sha, patienceMs);
    const manifests = (of: Files) => Object.values(of).map(String);
    const made = files.map(([app, of]) => ({ name: app, repository: name, sha, manifests: manifests(of) }));
    sources.push({ name, repository, apps: made });
  });
  return sources.toSorted((one, other) => Number(one.name.slice(5)) - Number(other.name.slice(5)));
}

/** The first Kustomization is applied by the controllers, the others are written as that one is then. */
async function writeFleet(scenario: Scenario<OwnHarness>, sources: readonly Source[]): Promise<void> {
  const [model, ...apps] = sources.flatMap((source) => source.apps);
  if (model === undefined) throw new Error("there is no app");
  const manifest = kustomization(model.name, `  path: ./${model.name}\n  prune: true`)
    .replace(
      `metadata: {name: ${model.name}}`,
      `metadata: {name: ${model.name}, labels: {source: ${model.repository}}}`,
    )
    .replace("name: repo}", `name: ${model.repository}}`);
  await scenario.apply(manifest);
  const object = await scenario.untilReady(`Kustomization/${model.name}`, model.sha, patienceMs);
  await scenario.harness.stop("kustomize-controller");
  await writeAsApplied(scenario, { app: model, object }, apps);
}

/** Where nothing has changed, nothing is written: only the metrics show that a program has looked at everything. */
async function untilAllReconciled({ eventLoops }: Steps): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const metrics = await eventLoops.readAll();
    const reconciled = metrics.reduce((sum, text) => sum + reconciledIn(text), 0);
    if (reconciled >= kustomizations && metrics.every(isIdleIn)) return;
    if (performance.now() > deadline) throw new Error(`only ${reconciled} reconciliations after the restart`);
    await pause(lookEveryMs);
  }
}

function filesOfApp(app: string): Files {
  return Object.assign({}, ...Array.from({ length: objectsEach }, (_, index) => fileOf(app, index, "1"))) as Files;
}

function filledIn({ namespace }: Scenario, files: Files): Files {
  return JSON.parse(JSON.stringify(files).replaceAll("{{ns}}", namespace)) as Files;
}
