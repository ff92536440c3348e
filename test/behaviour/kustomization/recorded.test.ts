/** Kustomization: each scenario ends with the objects and events that Flux's controllers were recorded with. */
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { declare, deploy, push } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, job, kustomization } from "../../harness/manifests.ts";
import { expectRecorded } from "../../harness/recorded.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: "{{ns}}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.org/web:1.0.0"}]}
`;

/** Makes every pod too large for the nodes of the test cluster. */
const noRoom = `apiVersion: v1
kind: LimitRange
metadata: {name: no-room}
spec: {limits: [{type: Container, defaultRequest: {cpu: "5000"}, default: {cpu: "5000"}}]}
`;

const widgetDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets, singular: widget}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;

const encrypted = `apiVersion: v1
kind: Secret
metadata: {name: s, namespace: "{{ns}}"}
data: {password: "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]"}
sops: {mac: "ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]", version: 3.9.0}
`;

const rows: Array<[name: string, about: string, act: (scenario: Scenario) => Promise<unknown>]> = [
  ["ks-bad-yaml", "a file that is not valid YAML", (scenario) => declare(scenario, { "app/one.yaml": "a: [" })],
  [
    "ks-crd-and-cr",
    "a definition and an object of its kind in one go",
    (scenario) =>
      declare(scenario, {
        "app/crd.yaml": widgetDefinition,
        "app/cr.yaml": 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: w, namespace: "{{ns}}"}\n',
      }),
  ],
  [
    "ks-deleted",
    "deleted: what it made goes with it",
    async (scenario) => {
      await deploy(scenario, one);
      await scenario.delete("Kustomization/app");
    },
  ],
  [
    "ks-depends-missing",
    "a dependency that does not exist",
    (scenario) => declare(scenario, one, "  path: ./app\n  prune: true\n  dependsOn: [{name: nope}]"),
  ],
  [
    "ks-depends-on",
    "a dependency that becomes ready",
    async ({ commit, apply, untilReady, untilCondition }) => {
      await commit({ "first/one.yaml": configMap("one"), "app/two.yaml": configMap("two") });
      await apply(gitRepository() + kustomization("app", "  path: ./app\n  prune: true\n  dependsOn: [{name: first}]"));
      await untilCondition("Kustomization/app", { type: "Ready", reason: "DependencyNotReady" });
      await apply(kustomization("first", "  path: ./first\n  prune: true"));
      await untilReady("Kustomization/first");
    },
  ],
  ["ks-empty", "an empty folder", (scenario) => declare(scenario, { "app/.keep": "" })],
  [
    "ks-encrypted-secret",
    "a SOPS file and no decryption",
    (scenario) => declare(scenario, { "app/s.yaml": encrypted }),
  ],
  [
    "ks-field-removed",
    "a field that the next commit no longer has",
    async (scenario) => {
      await deploy(scenario, { "app/one.yaml": configMap("one").replace('value: "1"', 'value: "1", more: "2"') });
      await push(scenario, one);
    },
  ],
  [
    "ks-hand-delete",
    "deleted by hand, then a reconciliation",
    async (scenario) => {
      await deploy(scenario, one);
      await scenario.delete("ConfigMap/one");
      await scenario.request("Kustomization/app");
    },
  ],
  [
    "ks-hand-edit",
    "a hand edit, a field added by hand, then a reconciliation",
    async (scenario) => {
      await deploy(scenario, one);
      await scenario.edit("ConfigMap/one", { data: { value: "changed", added: "x" } });
      await scenario.request("Kustomization/app");
    },
  ],
  [
    "ks-immutable",
    "an immutable field changes, no force",
    async (scenario) => {
      await deploy(scenario, { "app/job.yaml": job("job", "example.org/job:1") });
      await push(scenario, { "app/job.yaml": job("job", "example.org/job:2") });
    },
  ],
  [
    "ks-invalid-object",
    "an object that the API server rejects, beside a good one",
    (scenario) =>
      declare(scenario, {
        ...one,
        "app/two.yaml":
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: "{{ns}}"}\ndata: {a/b: "1"}\n',
      }),
  ],
  [
    "ks-kustomization",
    "a kustomization.yaml",
    (scenario) =>
      declare(scenario, {
        ...one,
        "app/two.yaml": configMap("two"),
        "app/kustomization.yaml": "resources: [one.yaml]\n",
      }),
  ],
  [
    "ks-missing-resource",
    "a resource that is listed and not there",
    (scenario) => declare(scenario, { "app/kustomization.yaml": "resources: [nope.yaml]\n" }),
  ],
  [
    "ks-no-namespace",
    "an object without a namespace",
    (scenario) => declare(scenario, { "app/one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n" }),
  ],
  [
    "ks-no-prune",
    "prune: false",
    async (scenario) => {
      await deploy(scenario, { ...one, "app/two.yaml": configMap("two") }, "  path: ./app\n  prune: false");
      await push(scenario, { "app/two.yaml": null });
    },
  ],
  [
    "ks-patches",
    "patches, images, prefix, suffix, common metadata",
    (scenario) =>
      declare(
        scenario,
        { ...one, "app/web.yaml": web },
        `  path: ./app
  prune: true
  namePrefix: p-
  nameSuffix: -s
  commonMetadata: {labels: {team: a}, annotations: {note: b}}
  images: [{name: example.org/web, newTag: 2.0.0}]
  patches: [{target: {kind: Deployment}, patch: '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'}]`,
      ),
  ],
  [
    "ks-path-missing",
    "a path that does not exist",
    (scenario) => declare(scenario, one, "  path: ./nope\n  prune: true"),
  ],
  [
    "ks-path-outside",
    "a kustomization that reaches out of the repository",
    (scenario) => declare(scenario, { "app/kustomization.yaml": "resources: [../../../etc]\n" }),
  ],
  [
    "ks-plain",
    "a folder without a kustomization.yaml",
    (scenario) =>
      declare(scenario, { ...one, "app/two.yaml": configMap("two"), "other/three.yaml": configMap("three") }),
  ],
  [
    "ks-service-account",
    "a ServiceAccount without rights",
    async (scenario) => {
      await scenario.apply("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: nobody}\n");
      await declare(scenario, one, "  path: ./app\n  prune: true\n  serviceAccountName: nobody");
    },
  ],
  ["ks-source-missing", "a source that does not exist", ({ apply }) => apply(kustomization())],
  [
    "ks-source-not-ready",
    "a source without an artifact",
    async ({ commit, apply }) => {
      await commit(one);
      await apply(gitRepository("  ref: {branch: nope}") + kustomization());
    },
  ],
  [
    "ks-ssa-ignore",
    "ssa: Ignore",
    (scenario) =>
      declare(scenario, {
        "app/one.yaml": configMap("one").replace(
          'namespace: "{{ns}}"',
          'namespace: "{{ns}}", annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}',
        ),
        "app/two.yaml": configMap("two"),
      }),
  ],
  [
    "ks-substitute",
    "substitution, defaults, and an object that is left alone",
    (scenario) =>
      declare(
        scenario,
        {
          "app/one.yaml": configMap("one", "${who} ${missing:=fallback} ${#who}"),
          "app/two.yaml": configMap("two", "${who}").replace(
            'namespace: "{{ns}}"',
            'namespace: "{{ns}}", annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}',
          ),
        },
        "  path: ./app\n  prune: true\n  postBuild: {substitute: {who: world}}",
      ),
  ],
  [
    "ks-substitute-from-missing",
    "substituteFrom a ConfigMap that does not exist",
    (scenario) =>
      declare(
        scenario,
        one,
        "  path: ./app\n  prune: true\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: nope}]}",
      ),
  ],
  [
    "ks-suspended",
    "suspended before a commit",
    async (scenario) => {
      await deploy(scenario, one);
      await scenario.edit("Kustomization/app", { spec: { suspend: true } });
      await push(scenario, { "app/one.yaml": configMap("one", "2") });
    },
  ],
  [
    "ks-target-namespace",
    "targetNamespace over a namespace of the manifest",
    (scenario) =>
      declare(
        scenario,
        { "app/one.yaml": configMap("one").replace("{{ns}}", "default") },
        `  path: ./app\n  prune: true\n  targetNamespace: ${scenario.namespace}`,
      ),
  ],
  [
    "ks-unknown-kind",
    "a kind that the API server does not know, beside a good object",
    (scenario) =>
      declare(scenario, {
        ...one,
        "app/two.yaml": 'apiVersion: nope.example.org/v1\nkind: Nope\nmetadata: {name: x, namespace: "{{ns}}"}\n',
      }),
  ],
  [
    "ks-update",
    "a changed object, a new one, and one taken away",
    async (scenario) => {
      await deploy(scenario, { ...one, "app/two.yaml": configMap("two") });
      await push(scenario, {
        "app/one.yaml": configMap("one", "2"),
        "app/two.yaml": null,
        "app/three.yaml": configMap("three"),
      });
    },
  ],
  [
    "ks-wait-fails",
    "wait: a Deployment that never becomes ready",
    async (scenario) => {
      await scenario.apply(noRoom);
      await declare(scenario, { "app/web.yaml": web }, "  path: ./app\n  prune: true\n  wait: true\n  timeout: 5s");
    },
  ],
  [
    "ks-wait-ready",
    "wait: objects that are ready at once",
    (scenario) => declare(scenario, one, "  path: ./app\n  prune: true\n  wait: true"),
  ],
];

suite("recorded scenarios of Kustomization", { concurrency: 4 }, () => {
  for (const [name, about, act] of rows) {
    test(`${name}: ${about}`, async () => {
      await using scenario = await startScenario(harness, name);
      await act(scenario);
      await expectRecorded(scenario, join(import.meta.dirname, "recorded"), name);
    });
  }
});
