import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { sharedControlPlane } from "@leat/testing";
import { checksStatus, type Rejected, rejectsSpecs } from "../../test/validation.ts";
import { crdIsWhole, defaultsAreGiven, tableHas } from "../../test/kind.ts";
import { type Served, serve } from "../../test/api-server.ts";
import { Kustomization } from "./kustomization.ts";

const good = { sourceRef: { kind: "GitRepository", name: "app" }, interval: "10m", prune: true };
const time = "2026-01-02T03:04:05Z";
const snapshot = {
  digest: "sha256:a",
  firstReconciled: time,
  lastReconciled: time,
  lastReconciledDuration: "1s",
  lastReconciledStatus: "ReconciliationSucceeded",
  totalReconciliations: 3,
};

/** Every field, at the edge of what is allowed. */
const everything = {
  sourceRef: { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "OCIRepository", name: "app", namespace: "other" },
  path: "./apps",
  interval: "1h30m0.5s10ms",
  retryInterval: "1h",
  timeout: "1h",
  suspend: true,
  prune: false,
  deletionPolicy: "WaitForTermination",
  force: true,
  wait: true,
  healthChecks: [
    { apiVersion: "apps/v1", kind: "Deployment", name: "web", namespace: "apps" },
    { kind: "Job", name: "x" },
  ],
  healthCheckExprs: [{ apiVersion: "x/v1", kind: "X", current: "true", inProgress: "false", failed: "false" }],
  dependsOn: [{ name: "infra" }, { name: "db", namespace: "other", readyExpr: "true" }],
  serviceAccountName: "deployer",
  kubeConfig: { secretRef: { name: "cluster", key: "config" } },
  targetNamespace: "x".repeat(63),
  namePrefix: "p".repeat(200),
  nameSuffix: "s".repeat(200),
  commonMetadata: { labels: { a: "b" }, annotations: { "example.com/c": "d" } },
  images: [{ name: "nginx", newName: "registry/nginx", newTag: "1", digest: "sha256:a" }],
  patches: [
    {
      patch: "- op: remove\n  path: /spec",
      target: {
        group: "apps",
        version: "v1",
        kind: "D.*",
        name: "w",
        namespace: "n",
        labelSelector: "a=b",
        annotationSelector: "c",
      },
    },
  ],
  components: ["../component"],
  ignoreMissingComponents: true,
  buildMetadata: ["originAnnotations", "transformerAnnotations"],
  postBuild: {
    substitute: { region: "eu" },
    substituteFrom: [{ kind: "Secret", name: "x".repeat(253), optional: true }],
    substituteStrategy: "Always",
  },
  decryption: { provider: "sops", secretRef: { name: "keys" }, serviceAccountName: "kms" },
  ignore: [{ paths: ["/spec/replicas"], target: { kind: "Deployment" } }, { paths: [] }],
  driftDetection: {
    mode: "warn",
    ignore: [{ paths: ["/data", ""], target: { kind: "ConfigMap", name: "a.*", labelSelector: "a=b" } }, { paths: [] }],
  },
};

suite("Kustomization on a real API server", () => {
  let served: Served;
  before(async () => (served = await serve(Kustomization, await sharedControlPlane())));
  after(() => served[Symbol.dispose]());

  test("its CRD is established, structural, and has names, categories and a status subresource", () =>
    crdIsWhole(served, Kustomization));

  test("gets its defaults before any controller runs", () =>
    defaultsAreGiven(served, { given: good, spec: { ...good, force: false } }));

  test("expects the variables it refers to", () => {
    const from = { kind: "ConfigMap", name: "vars" };
    return defaultsAreGiven(served, {
      given: { ...good, postBuild: { substituteFrom: [from] } },
      spec: { ...good, force: false, postBuild: { substituteFrom: [{ ...from, optional: false }] } },
    });
  });

  test("shows its columns to kubectl", () =>
    tableHas(served, { spec: good, columns: ["Name", "Age", "Ready", "Status"], cells: {} }));

  test("is accepted without a spec, as its controller says better what is missing", async () => {
    assert.equal((await served.create({})).status, 201);
  });

  const accepted: [what: string, spec: object][] = [
    ["every field at once", everything],
    ["the example of the reference", Kustomization.example],
    ["a cluster named by a ConfigMap", { ...good, kubeConfig: { configMapRef: { name: "cluster" } } }],
    ["a Bucket", { ...good, sourceRef: { kind: "Bucket", name: "b" } }],
    ["an ExternalArtifact", { ...good, sourceRef: { kind: "ExternalArtifact", name: "b" } }],
    ...["MirrorPrune", "Delete", "Orphan"].map((deletionPolicy): [string, object] => [
      `the deletion policy ${deletionPolicy}`,
      { ...good, deletionPolicy },
    ]),
    ["drift detection without a word", { ...good, driftDetection: {} }],
    ...["enabled", "warn", "disabled"].map((mode): [string, object] => [
      `drift detection that is ${mode}`,
      { ...good, driftDetection: { mode } },
    ]),
    ["substitution with variables only", { ...good, postBuild: { substituteStrategy: "WithVariables" } }],
  ];
  for (const [what, spec] of accepted) {
    test(`accepts ${what}`, async () => {
      const answer = await served.create({ spec });
      assert.equal(answer.status, 201, answer.message);
      assert.deepEqual(answer.body["spec"], { force: false, ...spec });
    });
  }

  const rejected: Rejected[] = [
    ["no interval", { ...good, interval: undefined }, /spec\.interval: Required value/],
    ["no word on pruning", { ...good, prune: undefined }, /spec\.prune: Required value/],
    ["no source", { ...good, sourceRef: undefined }, /spec\.sourceRef: Required value/],
    ["a source without kind", { ...good, sourceRef: { name: "a" } }, /spec\.sourceRef\.kind: Required value/],
    ["a source without name", { ...good, sourceRef: { kind: "Bucket" } }, /spec\.sourceRef\.name: Required value/],
    [
      "a source of another kind",
      { ...good, sourceRef: { kind: "HelmRepository", name: "a" } },
      /spec\.sourceRef\.kind: Unsupported value.*"OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"/,
    ],
    ["an interval in days", { ...good, interval: "1d" }, /spec\.interval: .*should match/],
    ["a retry without a unit", { ...good, retryInterval: "60" }, /spec\.retryInterval: .*should match/],
    ["a negative time limit", { ...good, timeout: "-1m" }, /spec\.timeout: .*should match/],
    [
      "an unknown deletion policy",
      { ...good, deletionPolicy: "Keep" },
      /spec\.deletionPolicy: Unsupported value.*"Orphan"/,
    ],
    ["an empty target namespace", { ...good, targetNamespace: "" }, /spec\.targetNamespace: .*at least 1 chars/],
    ["a long target namespace", { ...good, targetNamespace: "x".repeat(64) }, /spec\.targetNamespace: Too long: .*63/],
    ["an empty prefix", { ...good, namePrefix: "" }, /spec\.namePrefix: .*at least 1 chars/],
    ["a long prefix", { ...good, namePrefix: "x".repeat(201) }, /spec\.namePrefix: Too long: .*200/],
    ["an empty suffix", { ...good, nameSuffix: "" }, /spec\.nameSuffix: .*at least 1 chars/],
    ["a long suffix", { ...good, nameSuffix: "x".repeat(201) }, /spec\.nameSuffix: Too long: .*200/],
    ["decryption with nothing", { ...good, decryption: {} }, /spec\.decryption\.provider: Required value/],
    [
      "decryption with another tool",
      { ...good, decryption: { provider: "vault" } },
      /spec\.decryption\.provider: Unsupported.*"sops"/,
    ],
    [
      "keys without a name",
      { ...good, decryption: { provider: "sops", secretRef: {} } },
      /spec\.decryption\.secretRef\.name: Required value/,
    ],
    [
      "variables from another kind",
      { ...good, postBuild: { substituteFrom: [{ kind: "Pod", name: "a" }] } },
      /substituteFrom\[0\]\.kind: Unsupported value.*"Secret", "ConfigMap"/,
    ],
    [
      "variables without kind",
      { ...good, postBuild: { substituteFrom: [{ name: "a" }] } },
      /substituteFrom\[0\]\.kind: Required/,
    ],
    [
      "variables without name",
      { ...good, postBuild: { substituteFrom: [{ kind: "Secret" }] } },
      /substituteFrom\[0\]\.name: Required/,
    ],
    [
      "variables of an empty name",
      { ...good, postBuild: { substituteFrom: [{ kind: "Secret", name: "" }] } },
      /substituteFrom\[0\]\.name: .*at least 1 chars/,
    ],
    [
      "variables of a long name",
      { ...good, postBuild: { substituteFrom: [{ kind: "Secret", name: "x".repeat(254) }] } },
      /substituteFrom\[0\]\.name: Too long: .*253/,
    ],
    [
      "a number as a variable",
      { ...good, postBuild: { substitute: { replicas: 3 } } },
      /substitute\.replicas: .*must be of type string/,
    ],
    [
      "an unknown strategy",
      { ...good, postBuild: { substituteStrategy: "Never" } },
      /substituteStrategy: Unsupported value.*"Always"/,
    ],
    [
      "unknown build metadata",
      { ...good, buildMetadata: ["managedByLabel"] },
      /spec\.buildMetadata\[0\]: Unsupported.*"originAnnotations"/,
    ],
    [
      "a health check without kind",
      { ...good, healthChecks: [{ name: "a" }] },
      /spec\.healthChecks\[0\]\.kind: Required/,
    ],
    [
      "a health check without name",
      { ...good, healthChecks: [{ kind: "Job" }] },
      /spec\.healthChecks\[0\]\.name: Required/,
    ],
    [
      "an expression for no API",
      { ...good, healthCheckExprs: [{ current: "true" }] },
      /healthCheckExprs\[0\]\.apiVersion: Required/,
    ],
    [
      "an expression without health",
      { ...good, healthCheckExprs: [{ apiVersion: "v1" }] },
      /healthCheckExprs\[0\]\.current: Required/,
    ],
    ["a dependency without name", { ...good, dependsOn: [{ namespace: "a" }] }, /spec\.dependsOn\[0\]\.name: Required/],
    [
      "an empty kubeConfig",
      { ...good, kubeConfig: {} },
      /spec\.kubeConfig: .*exactly one of .*configMapRef or .*secretRef/,
    ],
    [
      "two kubeConfigs",
      { ...good, kubeConfig: { secretRef: { name: "a" }, configMapRef: { name: "b" } } },
      /spec\.kubeConfig: .*exactly one of .*configMapRef or .*secretRef/,
    ],
    [
      "a kubeconfig Secret without name",
      { ...good, kubeConfig: { secretRef: { key: "a" } } },
      /kubeConfig\.secretRef\.name: Required/,
    ],
    [
      "a kubeconfig ConfigMap without name",
      { ...good, kubeConfig: { configMapRef: {} } },
      /kubeConfig\.configMapRef\.name: Required/,
    ],
    ["an image without name", { ...good, images: [{ newTag: "1" }] }, /spec\.images\[0\]\.name: Required/],
    [
      "a number as a tag",
      { ...good, images: [{ name: "a", newTag: 1.2 }] },
      /spec\.images\[0\]\.newTag: .*must be of type string/,
    ],
    ["a patch of nothing", { ...good, patches: [{ target: { kind: "Job" } }] }, /spec\.patches\[0\]\.patch: Required/],
    [
      "a number as a patch",
      { ...good, patches: [{ patch: 1 }] },
      /spec\.patches\[0\]\.patch: .*must be of type string/,
    ],
    ["an ignore rule without paths", { ...good, ignore: [{ target: {} }] }, /spec\.ignore\[0\]\.paths: Required/],
    [
      "an unknown mode of drift detection",
      { ...good, driftDetection: { mode: "correct" } },
      /spec\.driftDetection\.mode: Unsupported value.*"enabled", "warn", "disabled"/,
    ],
    [
      "drift to ignore without paths",
      { ...good, driftDetection: { ignore: [{ target: { kind: "Job" } }] } },
      /spec\.driftDetection\.ignore\[0\]\.paths: Required/,
    ],
    [
      "a mode in place of drift detection",
      { ...good, driftDetection: "warn" },
      /spec\.driftDetection: .*must be of type object/,
    ],
    [
      "a number as a path to ignore",
      { ...good, driftDetection: { ignore: [{ paths: [1] }] } },
      /driftDetection\.ignore\[0\]\.paths\[0\]: .*must be of type string/,
    ],
    [
      "a boolean as a label",
      { ...good, commonMetadata: { labels: { a: true } } },
      /commonMetadata\.labels\.a: .*must be of type string/,
    ],
    [
      "a number as an annotation",
      { ...good, commonMetadata: { annotations: { a: 1 } } },
      /annotations\.a: .*must be of type string/,
    ],
    ["one component outside a list", { ...good, components: "a" }, /spec\.components: .*must be of type array/],
    ["a word for a boolean", { ...good, wait: "yes" }, /spec\.wait: .*must be of type boolean/],
    ["a field that does not exist", { ...good, pruning: true }, /unknown field "spec\.pruning"/],
  ];
  rejectsSpecs(() => served, rejected);

  checksStatus(() => served, {
    spec: good,
    whole: {
      observedGeneration: 1,
      conditions: [
        { type: "Ready", status: "True", reason: "A", message: "b", lastTransitionTime: time, observedGeneration: 0 },
      ],
      lastAppliedRevision: "main@sha1:1",
      lastAppliedOriginRevision: "v1",
      lastAttemptedRevision: "main@sha1:1",
      inventory: { entries: [{ id: "ns_name__ConfigMap", v: "v1" }] },
      history: [snapshot, { ...snapshot, metadata: { revision: "main@sha1:1" } }],
      lastHandledReconcileAt: "now",
    },
    rejected: [
      ["an inventory without entries", { inventory: {} }, /status\.inventory\.entries: Required/],
      ["an entry without id", { inventory: { entries: [{ v: "v1" }] } }, /entries\[0\]\.id: Required/],
      ["an entry without version", { inventory: { entries: [{ id: "a" }] } }, /entries\[0\]\.v: Required/],
      [
        "a condition of an unknown status",
        { conditions: [{ status: "Maybe" }] },
        /conditions\[0\]\.status: Unsupported value/,
      ],
      ...Object.keys(snapshot).map((field): Rejected => [
        `history without ${field}`,
        { history: [{ ...snapshot, [field]: undefined }] },
        new RegExp(`status\\.history\\[0\\]\\.${field}: Required`),
      ]),
      [
        "history with an unreadable time",
        { history: [{ ...snapshot, lastReconciled: "now" }] },
        /lastReconciled: .*date-time/,
      ],
    ],
  });
});
