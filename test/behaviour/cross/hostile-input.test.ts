/**
 * Input that is made to exhaust the controllers (bombs, cycles, huge values, endless expressions, silent servers): it is
 * rejected with a reason, other tenants are reconciled meanwhile, and no controller ends. The heap has the size that the chart's memory
 * limit leaves.
 */
import assert from "node:assert/strict";
import { after, before, suite } from "node:test";
import { attacks } from "../../harness/attacks/all.ts";
import { type Attack, launch } from "../../harness/attacks/attack.ts";
import { pidsOf, startAttackedHarness } from "../../harness/attacks/attacked.ts";
import { type SilentServer, startSilentServer } from "../../harness/attacks/silent-server.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { deploy, push } from "../../harness/deploy.ts";
import type { OwnHarness } from "../../harness/own-harness.ts";
import { configMap } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";

/** For work that is ended by its limit of memory or time. */
const patienceMs = 60_000;

let harness: OwnHarness;
let silent: SilentServer;
let neighbour: Scenario;
let pids: number[];
before(async () => {
  silent = await startSilentServer();
  harness = await startAttackedHarness();
  pids = pidsOf(harness);
  neighbour = await startScenario(harness, "neighbour");
  await deploy(neighbour, { "app/one.yaml": configMap("one", "0") });
});
after(async () => {
  await neighbour[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});

suite("other tenants are reconciled in spite of", () => {
  for (const attack of attacks) {
    testBeyondFlux(
      () => harness,
      attack.about,
      async (context) => {
        await using scenario = await startScenario(harness, "hostile");
        await launch(scenario, attack, silent.address);
        const first = await serve(attack.about);
        await untilRejected(scenario, attack);
        const second = await serve(`${attack.about}, again`);
        context.diagnostic(`commits of a neighbour were applied after ${first} and ${second} ms`);
        assert.deepEqual(pidsOf(harness), pids);
      },
    );
  }
});

/** Applies a commit of somebody else; gives the milliseconds that it took. */
async function serve(value: string): Promise<number> {
  const startedAt = performance.now();
  const sha = await push(neighbour, { "app/one.yaml": configMap("one", value) });
  await neighbour.untilReady("Kustomization/app", sha);
  return Math.round(performance.now() - startedAt);
}

async function untilRejected(scenario: Scenario, { rejected }: Attack): Promise<void> {
  if (rejected === undefined) return;
  const { subject = "Kustomization/app", words } = rejected;
  const object = await scenario.until(
    subject,
    "to be rejected",
    (candidate) => {
      const { status, reason } = conditionOf(candidate, "Ready") ?? {};
      return status === "False" && reason !== "ArtifactFailed";
    },
    patienceMs,
  );
  assert.match(conditionOf(object, "Ready")?.message ?? "", words);
}
