import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { kustomization } from "./fixtures/kustomization.ts";
import { createReferences } from "./references.ts";

const raw = (spec: object, name = "app", generation = 1) => {
  const object = kustomization(spec, {}, name);
  return { ...object, metadata: { ...object.metadata, generation } } as unknown as KubeObject;
};
const names = (keys: Array<{ name: string }>) => keys.map(({ name }) => name).toSorted();

suite("references", () => {
  test("lead from a source and from a dependency to who refers to them", () => {
    const references = createReferences();
    references.changed({ after: raw({ dependsOn: [{ name: "base" }] }) });
    references.changed({ after: raw({}, "base") });
    assert.deepEqual(names(references.to("GitRepository", { namespace: "team", name: "repo" })), ["app", "base"]);
    assert.deepEqual(names(references.to("Kustomization", { namespace: "team", name: "base" })), ["app"]);
  });

  test("lead from a ConfigMap and a Secret of the own namespace to who takes variables from them", () => {
    const references = createReferences();
    const substituteFrom = [
      { kind: "ConfigMap", name: "vars" },
      { kind: "Secret", name: "vars" },
    ];
    references.changed({ after: raw({ postBuild: { substituteFrom } }) });
    references.changed({ after: raw({ postBuild: { substituteFrom: substituteFrom.slice(1) } }, "other") });
    assert.deepEqual(names(references.to("ConfigMap", { namespace: "team", name: "vars" })), ["app"]);
    assert.deepEqual(names(references.to("Secret", { namespace: "team", name: "vars" })), ["app", "other"]);
    assert.deepEqual(names(references.to("Secret", { namespace: "other", name: "vars" })), []);
  });

  test("tell dependencies of different kinds apart", () => {
    const references = createReferences();
    const object = raw({ dependsOn: [{ kind: "HelmRelease", name: "base" }] });
    references.changed({ after: object });
    assert.deepEqual(names(references.to("HelmRelease", { namespace: "team", name: "base" })), ["app"]);
    assert.deepEqual(names(references.to("Kustomization", { namespace: "team", name: "base" })), []);
    references.changed({ before: object });
    assert.deepEqual(names(references.to("HelmRelease", { namespace: "team", name: "base" })), []);
  });

  test("lead from what says how to reach a cluster to who is applied there", () => {
    const references = createReferences();
    references.changed({ after: raw({ kubeConfig: { secretRef: { name: "remote" } } }) });
    references.changed({ after: raw({ kubeConfig: { configMapRef: { name: "remote" } } }, "other") });
    assert.deepEqual(names(references.to("Secret", { namespace: "team", name: "remote" })), ["app"]);
    assert.deepEqual(names(references.to("ConfigMap", { namespace: "team", name: "remote" })), ["other"]);
  });

  test("follow a changed spec, and end with the object", () => {
    const references = createReferences();
    const [first, second] = [
      raw({}),
      raw({ sourceRef: { kind: "GitRepository", name: "repo", namespace: "infra" } }, "app", 2),
    ];
    references.changed({ after: first });
    references.changed({ before: first, after: second });
    assert.deepEqual(names(references.to("GitRepository", { namespace: "team", name: "repo" })), []);
    assert.deepEqual(names(references.to("GitRepository", { namespace: "infra", name: "repo" })), ["app"]);
    references.changed({ before: second });
    assert.deepEqual(names(references.to("GitRepository", { namespace: "infra", name: "repo" })), []);
  });
});
