import assert from "node:assert/strict";
import { eventually, type Random } from "@leat/testing";
import { type Harness, logLinesOf } from "../harness/harness.ts";
import { gitRepository, kustomization } from "../harness/manifests.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";
import { assertAsModelled, manifestOf, type Modelled, valueOf } from "./hand-edits.ts";

/** Some Kustomizations of one repository, with a ConfigMap and a Secret each, and what they are declared to be. */
export interface World extends AsyncDisposable {
  scenario: Scenario;
  random: Random;
  models: Modelled[];
}

const patienceMs = 20_000;

/** Gives it when all is ready, with an interval that is longer than any test. */
export async function openWorld(
  harness: Harness,
  name: string,
  { apps, random }: { apps: readonly string[]; random: Random },
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const scenario = stack.use(await startScenario(harness, name));
  const models = apps.flatMap((app) =>
    (["ConfigMap", "Secret"] as const).map((kind, index) => {
      const data = { a: valueOf(random), b: valueOf(random) };
      return { kind, name: `${app}${index}`, app, data, foreignData: {}, foreignAnnotations: {} };
    }),
  );
  const sha = await commitModels({ scenario, models });
  const manifests = apps.map((app) => kustomization(app, `  path: ./${app}\n  prune: true`));
  await scenario.apply(gitRepository() + manifests.join(""));
  await Promise.all(apps.map((app) => scenario.untilReady(`Kustomization/${app}`, sha)));
  const all = stack.move();
  return { scenario, random, models, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** @returns the commit */
export async function commitModels({ scenario, models }: Pick<World, "scenario" | "models">): Promise<string> {
  return scenario.commit(
    Object.fromEntries(models.map((model) => [`${model.app}/${model.name}.yaml`, manifestOf(model)])),
  );
}

/** @param when for the message, if it does not become so */
export async function untilAsModelled({ scenario, models }: World, when: string): Promise<void> {
  const holds = async () => {
    await assertAsModelled(scenario, models);
    return true;
  };
  await eventually(holds, { what: "everything to be as declared", timeoutMs: patienceMs }).catch(
    async (cause: unknown) => {
      const log = await logLinesOf(scenario.harness, scenario.namespace, 60);
      assert.fail(`${when}\n${cause instanceof Error ? cause.message : String(cause)}\n${log}`);
    },
  );
}
