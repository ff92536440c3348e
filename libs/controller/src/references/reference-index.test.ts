import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type KubeObject, Kustomization, type ReferenceRole } from "@leat/api";
import { storedObject } from "@leat/testing";
import { createReferenceIndex, type ReferenceIndex } from "./reference-index.ts";

const createReferences = () => createReferenceIndex(Kustomization.referencesOf);
const raw = (fields: object, name = "app", generation = 1): KubeObject => {
  const spec = { sourceRef: { kind: "GitRepository", name: "repo" }, ...fields };
  return storedObject(Kustomization, { name, generation, spec });
};

/** Names of the objects that refer to `<kind>/<namespace>/<name>` in a role. */
function names(references: ReferenceIndex, role: ReferenceRole, target: string): string[] {
  const [kind = "", namespace = "", name = ""] = target.split("/");
  return references
    .referrersTo({ role, kind, namespace, name })
    .map((key) => key.name)
    .toSorted();
}

suite("references", () => {
  test("lead from a source and from a dependency to who refers to them", () => {
    const references = createReferences();
    references.changed({ after: raw({ dependsOn: [{ name: "base" }] }) });
    references.changed({ after: raw({}, "base") });
    assert.deepEqual(names(references, "source", "GitRepository/team/repo"), ["app", "base"]);
    assert.deepEqual(names(references, "dependency", "Kustomization/team/base"), ["app"]);
  });

  test("lead from a ConfigMap and a Secret of the own namespace to who takes variables from them", () => {
    const references = createReferences();
    const substituteFrom = [
      { kind: "ConfigMap", name: "vars" },
      { kind: "Secret", name: "vars" },
    ];
    references.changed({ after: raw({ postBuild: { substituteFrom } }) });
    references.changed({ after: raw({ postBuild: { substituteFrom: substituteFrom.slice(1) } }, "other") });
    assert.deepEqual(names(references, "config", "ConfigMap/team/vars"), ["app"]);
    assert.deepEqual(names(references, "config", "Secret/team/vars"), ["app", "other"]);
    assert.deepEqual(names(references, "config", "Secret/other/vars"), []);
  });

  test("tell dependencies of different kinds apart", () => {
    const references = createReferences();
    const object = raw({ dependsOn: [{ kind: "HelmRelease", name: "base" }] });
    references.changed({ after: object });
    assert.deepEqual(names(references, "dependency", "HelmRelease/team/base"), ["app"]);
    assert.deepEqual(names(references, "dependency", "Kustomization/team/base"), []);
    references.changed({ before: object });
    assert.deepEqual(names(references, "dependency", "HelmRelease/team/base"), []);
  });

  test("lead from what says how to reach a cluster to who is applied there", () => {
    const references = createReferences();
    references.changed({ after: raw({ kubeConfig: { secretRef: { name: "remote" } } }) });
    references.changed({ after: raw({ kubeConfig: { configMapRef: { name: "remote" } } }, "other") });
    assert.deepEqual(names(references, "config", "Secret/team/remote"), ["app"]);
    assert.deepEqual(names(references, "config", "ConfigMap/team/remote"), ["other"]);
  });

  test("follow a changed spec, and end with the object", () => {
    const references = createReferences();
    const [first, second] = [
      raw({}),
      raw({ sourceRef: { kind: "GitRepository", name: "repo", namespace: "infra" } }, "app", 2),
    ];
    references.changed({ after: first });
    references.changed({ before: first, after: second });
    assert.deepEqual(names(references, "source", "GitRepository/team/repo"), []);
    assert.deepEqual(names(references, "source", "GitRepository/infra/repo"), ["app"]);
    references.changed({ before: second });
    assert.deepEqual(names(references, "source", "GitRepository/infra/repo"), []);
  });
});
