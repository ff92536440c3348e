import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  core,
  GitRepository,
  type GroupKind,
  HelmRelease,
  type KubeObject,
  Kustomization,
  type ReferenceRole,
} from "@leat/api";
import { storedObject } from "@leat/testing";
import { createReferenceIndex, type ReferenceIndex } from "./reference-index.ts";

const createReferences = () => createReferenceIndex(Kustomization.referencesOf);
const raw = (fields: object, name = "app", generation = 1): KubeObject => {
  const spec = { sourceRef: { kind: "GitRepository", name: "repo" }, ...fields };
  return storedObject(Kustomization, { name, generation, spec });
};

/** Names of the objects that refer to `<namespace>/<name>` of a kind in a role. */
function names(references: ReferenceIndex, role: ReferenceRole, { group, kind }: GroupKind, target: string): string[] {
  const [namespace = "", name = ""] = target.split("/");
  return references
    .referrersTo({ role, group, kind, namespace, name })
    .map((key) => key.name)
    .toSorted();
}

suite("references", () => {
  test("lead from a source and from a dependency to who refers to them", () => {
    const references = createReferences();
    references.changed({ after: raw({ dependsOn: [{ name: "base" }] }) });
    references.changed({ after: raw({}, "base") });
    assert.deepEqual(names(references, "source", GitRepository, "team/repo"), ["app", "base"]);
    assert.deepEqual(names(references, "dependency", Kustomization, "team/base"), ["app"]);
  });

  test("lead from a ConfigMap and a Secret of the own namespace to who takes variables from them", () => {
    const references = createReferences();
    const substituteFrom = [
      { kind: "ConfigMap", name: "vars" },
      { kind: "Secret", name: "vars" },
    ];
    references.changed({ after: raw({ postBuild: { substituteFrom } }) });
    references.changed({ after: raw({ postBuild: { substituteFrom: substituteFrom.slice(1) } }, "other") });
    assert.deepEqual(names(references, "config", core.ConfigMap, "team/vars"), ["app"]);
    assert.deepEqual(names(references, "config", core.Secret, "team/vars"), ["app", "other"]);
    assert.deepEqual(names(references, "config", core.Secret, "other/vars"), []);
  });

  test("tell dependencies of different kinds apart", () => {
    const references = createReferences();
    const object = raw({ dependsOn: [{ kind: "HelmRelease", name: "base" }] });
    references.changed({ after: object });
    assert.deepEqual(names(references, "dependency", HelmRelease, "team/base"), ["app"]);
    assert.deepEqual(names(references, "dependency", Kustomization, "team/base"), []);
    references.changed({ before: object });
    assert.deepEqual(names(references, "dependency", HelmRelease, "team/base"), []);
  });

  test("do not lead from a kind of the same name in another group", () => {
    const references = createReferences();
    references.changed({ after: raw({}) });
    const other = { group: "git.example.com", kind: "GitRepository" };
    assert.deepEqual(names(references, "source", other, "team/repo"), []);
  });

  test("lead from what says how to reach a cluster to who is applied there", () => {
    const references = createReferences();
    references.changed({ after: raw({ kubeConfig: { secretRef: { name: "remote" } } }) });
    references.changed({ after: raw({ kubeConfig: { configMapRef: { name: "remote" } } }, "other") });
    assert.deepEqual(names(references, "config", core.Secret, "team/remote"), ["app"]);
    assert.deepEqual(names(references, "config", core.ConfigMap, "team/remote"), ["other"]);
  });

  test("follow a changed spec, and end with the object", () => {
    const references = createReferences();
    const [first, second] = [
      raw({}),
      raw({ sourceRef: { kind: "GitRepository", name: "repo", namespace: "infra" } }, "app", 2),
    ];
    references.changed({ after: first });
    references.changed({ before: first, after: second });
    assert.deepEqual(names(references, "source", GitRepository, "team/repo"), []);
    assert.deepEqual(names(references, "source", GitRepository, "infra/repo"), ["app"]);
    references.changed({ before: second });
    assert.deepEqual(names(references, "source", GitRepository, "infra/repo"), []);
  });
});
