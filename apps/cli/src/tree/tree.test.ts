import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type Live, openLive } from "../../test/live.ts";
import { treeLines } from "./text.ts";
import type { TreeNode } from "./tree.ts";

let live: Live;
before(async () => {
  live = await openLive();
  await live.repository.commit({
    "root/app.yaml": nested("app"),
    "root/remote.yaml": nested("remote", "  suspend: true\n  kubeConfig: {secretRef: {name: other}}\n"),
    "app/cms.yaml": [1, 2, 3, 4, 5].map((number) => configMap(`settings-${number}`)).join("---\n"),
    "app/job.yaml": job(live.namespace),
  });
  await live.deploy("root");
  await live.untilReady("Kustomization", "app");
});
after(() => live[Symbol.asyncDispose]());

suite("leat tree", () => {
  test("shows what a Kustomization has applied, and what that has, with its health", async () => {
    const { code, stdout, stderr } = await live.leat(["tree", "ks", "root"]);
    assert.equal(code, 0, stderr);
    const { namespace } = live;
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0] ?? "", new RegExp(`^✓ Kustomization/${namespace}/root Applied revision: main@sha1:`));
    assert.match(lines[1] ?? "", new RegExp(`^├── ✓ Kustomization/${namespace}/app Applied revision`));
    assert.equal(lines[2], `│   ├── ✓ ConfigMap/${namespace}/settings-1`);
    assert.match(lines[7] ?? "", new RegExp(`^│   └── … Job/${namespace}/migrate is running|has not started`));
    assert.match(lines[8] ?? "", new RegExp(`^└── . Kustomization/${namespace}/remote suspended`));
    assert.match(lines.at(-1) ?? "", /^8 objects: \d current, \d in progress/);
  });

  test("leaves out with --compact what applies nothing", async () => {
    const { stdout } = await live.leat(["tree", "ks", "root", "--compact"]);
    assert.match(stdout, /Kustomization\/.*\/app/);
    assert.ok(!stdout.includes("ConfigMap"));
  });

  test("says which object is missing", async () => {
    const { kube, namespace } = live;
    await live.leat(["suspend", "ks", "app"]);
    const resource = await kube.resourceNamed("configmap");
    assert.ok(resource);
    await kube.delete({ resource, namespace, name: "settings-3" });
    const { stdout } = await live.leat(["tree", "ks", "app"]);
    assert.match(stdout, /^├── ✗ ConfigMap\/.*\/settings-3 does not exist$/m);
    assert.match(stdout, /1 missing/);
    await live.leat(["resume", "ks", "app"]);
  });

  test("follows no object that has applied itself for ever, and reads nothing in another cluster", async () => {
    const { namespace } = live;
    const entries = [entry("Kustomization", "itself", "kustomize.toolkit.fluxcd.io"), entry("ConfigMap", "there")];
    const status = { observedGeneration: 1, inventory: { entries } };
    const spec = { sourceRef: { kind: "GitRepository", name: "repo" }, interval: "10m", prune: true, suspend: true };
    await live.create({ ...ofKustomization("itself", spec), status });
    const elsewhere = { ...spec, kubeConfig: { secretRef: { name: "other" } } };
    await live.create({ ...ofKustomization("elsewhere", elsewhere), status });
    const itself = await live.leat(["tree", "ks", "itself", "-o", "json"]);
    const root = JSON.parse(itself.stdout) as TreeNode;
    assert.deepEqual(
      root.children?.map(({ name, status: state, children }) => [name, state, children]),
      [
        ["itself", "Current", undefined],
        ["there", "NotFound", undefined],
      ],
    );
    const remote = await live.leat(["tree", "ks", "elsewhere"]);
    assert.match(remote.stdout, new RegExp(`\\? ConfigMap/${namespace}/there is in another cluster`));
  });

  test("tells what may not be read, and shows the rest", async () => {
    const { stdout } = await asReader(["tree", "ks", "app", "--as", "reader"]);
    assert.match(stdout, /✓ Kustomization\/.*\/app|✓ .*\/app/);
    assert.match(stdout, /\? ConfigMap\/.*\/settings-1 you may not read it/);
  });

  test("rejects what applies nothing", async () => {
    const { code, stderr } = await live.leat(["tree", "gitrepo", "repo"]);
    assert.deepEqual([code, /does not apply objects/.test(stderr)], [2, true]);
  });
});

test("a tree without objects says so", () => {
  const root: TreeNode = {
    apiVersion: "v1",
    kind: "Kustomization",
    name: "app",
    status: "Failed",
    message: "no\n such file",
    children: [],
  };
  assert.deepEqual(
    treeLines(root, (_, text) => text),
    ["✗ Kustomization/app no such file", "", "0 objects"],
  );
});

/** Somebody who may read Kustomizations of the namespace, and nothing else. */
async function asReader(args: string[]) {
  const { kube, namespace } = live;
  const rules = [{ apiGroups: ["kustomize.toolkit.fluxcd.io"], resources: ["kustomizations"], verbs: ["get", "list"] }];
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1", metadata: { name: "reader", namespace } };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "reader" }];
  const objects: KubeObject[] = [
    { ...rbac, kind: "Role", rules },
    { ...rbac, kind: "RoleBinding", roleRef, subjects },
  ];
  for (const object of objects) {
    const resource = await kube.resourceOf(object.apiVersion, object.kind);
    assert.ok(resource);
    await kube.apply(resource, object, { fieldManager: "cli-test" });
  }
  return live.leat(args);
}

function entry(kind: string, name: string, group = ""): { id: string; v: string } {
  return { id: `${live.namespace}_${name}_${group}_${kind}`, v: "v1" };
}

function ofKustomization(name: string, spec: object): KubeObject {
  return { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", metadata: { name }, spec };
}

function nested(name: string, more = ""): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: ${live.namespace}}
spec:
  interval: 10m
  prune: true
  path: ./${name}
  sourceRef: {kind: GitRepository, name: repo}
${more}`;
}

function configMap(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${live.namespace}}\n`;
}

/** Its pod never comes to an end. */
function job(namespace: string): string {
  return `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: ${namespace}}
spec:
  template:
    spec: {restartPolicy: Never, nodeSelector: {no: such}, containers: [{name: a, image: a}]}
`;
}
