import { eventually } from "@leat/testing";
import type { Harness } from "../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../harness/manifests.ts";
import { type Files, type Scenario, startScenario, statusOf } from "../harness/scenario.ts";
import type { Measured } from "./measured.ts";
import { readUsage, usageBetween } from "./usage.ts";

const kustomizations = 100;
const objectsEach = 10;
const names = Array.from({ length: kustomizations }, (_, index) => `app-${index}`);

/** A fleet from one repository: its first sync, a commit that changes every object, and one that changes a single object. */
export async function fleet(harness: Harness): Promise<Measured> {
  await using scenario = await startScenario(harness, "fleet");
  const steps: Measured["steps"] = [];
  const step = async (name: string, act: () => Promise<string>) => {
    const before = await readUsage(harness);
    const started = performance.now();
    const sha = await act();
    await untilAllReady(scenario, sha);
    const seconds = (performance.now() - started) / 1000;
    steps.push({ name, seconds, usage: usageBetween(before, await readUsage(harness)) });
  };
  const manifests =
    gitRepository() + names.map((name) => kustomization(name, `  path: ./${name}\n  prune: true`)).join("");
  const first = await scenario.commit(filesOf("1"));
  await step("first sync", async () => {
    await scenario.apply(manifests);
    return first;
  });
  await step("every object changes", () => change(scenario, filesOf("2")));
  await step("one object changes", () => change(scenario, { "app-7/object-3.yaml": configMap("app-7-object-3", "3") }));
  return {
    scenario: "fleet",
    about: `${kustomizations} Kustomizations of ${objectsEach} ConfigMaps each, from one repository`,
    seconds: [],
    steps,
  };
}

function filesOf(value: string): Files {
  const files = names.flatMap((name) =>
    Array.from({ length: objectsEach }, (_, index) => [
      `${name}/object-${index}.yaml`,
      configMap(`${name}-object-${index}`, value),
    ]),
  );
  return Object.fromEntries(files) as Files;
}

async function change(scenario: Scenario, files: Files): Promise<string> {
  const sha = await scenario.commit(files);
  await scenario.request("GitRepository/repo");
  return sha;
}

async function untilAllReady({ kube, namespace }: Scenario, sha: string): Promise<void> {
  const resource = await kube.resourceOf("kustomize.toolkit.fluxcd.io/v1", "Kustomization");
  if (!resource) throw new Error("there is no kind Kustomization");
  const isThere = (object: Parameters<typeof statusOf>[0]) => {
    const { lastAppliedRevision, conditions = [] } = statusOf(object);
    return (
      lastAppliedRevision?.endsWith(sha) && conditions.some(({ type, status }) => type === "Ready" && status === "True")
    );
  };
  await eventually(async () => (await kube.list({ resource, namespace })).objects.every(isThere), {
    what: "the fleet to be ready",
    timeoutMs: 300_000,
  });
}
