/** Kustomization: objects whose apiVersion changes in the source, when their CRD gets a new version. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { eventually } from "@leat/testing";
import { deploy, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { startHarness } from "../../harness/own-harness.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";
import { describedStack } from "../../harness/stack.ts";

let harness: Harness;
before(async () => {
  const args = { "kustomize-controller": ["--feature-gates=MigrateAPIVersion=true"] };
  // Flux does it only with this gate; Leat wherever the server would reject the object.
  harness = (await describedStack()).name === "leat" ? await sharedHarness() : await startHarness({ args });
});
after(() => harness[Symbol.asyncDispose]());

const size = "size: {type: integer}";
const spokes = "spokes: {type: integer, default: 32}";

/** Wheels in these versions, by the properties of their specs; the last one is stored. */
const definition = (versions: Record<string, string>) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: "wheels.{{ns}}.example.org"}
spec:
  group: "{{ns}}.example.org"
  scope: Namespaced
  names: {plural: wheels, singular: wheel, kind: Wheel, listKind: WheelList}
  versions:
${Object.entries(versions)
  .map(([name, properties], index, { length }) => versionOf(name, properties, index === length - 1))
  .join("")}`;

const versionOf = (name: string, properties: string, isStored: boolean) => `  - name: ${name}
    served: true
    storage: ${isStored}
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {${properties}}}
          status: {type: object, properties: {turns: {type: integer}}}
`;

const wheel = (version: string, value: number) => `apiVersion: "{{ns}}.example.org/${version}"
kind: Wheel
metadata: {name: one, namespace: "{{ns}}"}
spec: {size: ${value}}
`;

test("what another manager wrote in an old version does not keep a newer one with new defaults from being applied", async () => {
  await using scenario = await startScenario(harness, "versions");
  await scenario.apply(definition({ v1: size }));
  await untilServed(scenario, "v1", {});
  await deploy(scenario, { "app/one.yaml": wheel("v1", 1) });
  await scenario.editStatus(`${scenario.namespace}.example.org/v1:Wheel/one`, { turns: 3 });
  await scenario.apply(definition({ v1: size, v2: size }));
  await untilServed(scenario, "v2", {});
  await roll(scenario, { "app/one.yaml": wheel("v2", 1) });
  await scenario.apply(definition({ v1: size, v2: `${size}, ${spokes}` }));
  await untilServed(scenario, "v2", { spokes: 32 });

  await roll(scenario, { "app/one.yaml": wheel("v2", 2) });

  const { spec, status, metadata } =
    (await scenario.get(`${scenario.namespace}.example.org/v2:Wheel/one`)) ?? assert.fail("it was deleted");
  assert.deepEqual([spec, status], [{ size: 2, spokes: 32 }, { turns: 3 }]);
  const owners = metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource]);
  assert.deepEqual(owners?.toSorted(), [
    ["kubectl-edit", "status"],
    ["kustomize-controller", undefined],
  ]);
});

/** The server takes note of a definition some time after it has taken it: then an empty spec is filled in so. */
async function untilServed({ kube, namespace }: Scenario, version: string, filled: object): Promise<void> {
  const apiVersion = `${namespace}.example.org/${version}`;
  const probe = { apiVersion, kind: "Wheel", metadata: { name: "probe", namespace }, spec: {} };
  const isServed = async () => {
    const resource = await kube.resourceOf(apiVersion, probe.kind);
    if (resource === undefined) return false;
    const { spec } = await kube.create(resource, probe, { fieldManager: "user", dryRun: true });
    return isDeepStrictEqual(spec, filled);
  };
  await eventually(isServed, { what: `${version} to be served` });
}
