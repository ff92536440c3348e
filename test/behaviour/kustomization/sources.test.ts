/**
 * Kustomization: spec.sourceRef to an OCIRepository, Bucket or ExternalArtifact, whose objects and archives the tests
 * make.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type Artifact, artifactSources, type ArtifactSourceKind, type KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { type ArtifactHost, startArtifactHost } from "../../harness/artifact-host.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, postedAbout } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, kustomization } from "../../harness/manifests.ts";
import { expectRecorded } from "../../harness/recorded.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

type Kind = Exclude<ArtifactSourceKind, "GitRepository">;

let harness: Harness;
let host: ArtifactHost;
before(async () => {
  [harness, host] = await Promise.all([sharedHarness(), startArtifactHost()]);
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

/** Makes the kind known to the server where it is not: with no schema to speak of. */
async function define(kind: Kind): Promise<void> {
  const { group, version, plural } = artifactSources[kind];
  const { kube } = harness;
  if ((await kube.resourceOf(`${group}/${version}`, kind)) !== undefined) return;
  const definitions = await kube.resourceOf("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  assert.ok(definitions);
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
  await kube.apply(definitions, definition, { fieldManager: "user", force: true });
  await eventually(async () => kube.resourceOf(`${group}/${version}`, kind), { what: `${kind} to be served` });
}

const specs: Record<Kind, string> = {
  // Whatever else reconciles them in the cluster leaves them to the test.
  OCIRepository: "{suspend: true, interval: 10m, url: oci://127.0.0.1/none}",
  Bucket: "{suspend: true, interval: 10m, endpoint: 127.0.0.1, bucketName: none}",
  ExternalArtifact: "{}",
};

function sourceOf(kind: Kind): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1
kind: ${kind}
metadata: {name: repo}
spec: ${specs[kind]}
---
`;
}

const subjectOf = (kind: Kind) => `source.toolkit.fluxcd.io/v1:${kind}/repo`;

/** A Kustomization `app` that is applied from the root of a source. */
const applying = (kind: Kind) => kustomization("app", "  prune: true").replace("GitRepository", kind);

async function publish(
  scenario: Scenario,
  kind: Kind,
  artifact: { revision: string; value: string; metadata?: Record<string, string> },
): Promise<Artifact> {
  const manifest = configMap("one", artifact.value).replaceAll("{{ns}}", scenario.namespace);
  const published = await host.publish(artifact.revision, { "one.yaml": manifest }, artifact.metadata);
  await scenario.editStatus(subjectOf(kind), { artifact: { metadata: null, ...published } });
  return published;
}

const hasApplied = (revision: string) => (object: KubeObject) =>
  (object["status"] as { lastAppliedRevision?: string } | undefined)?.lastAppliedRevision === revision;

async function followsArtifacts(kind: Kind): Promise<void> {
  await define(kind);
  await using scenario = await startScenario(harness, `sources-${kind.toLowerCase()}`);
  await scenario.apply(sourceOf(kind) + applying(kind));
  const waiting = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "ArtifactFailed" });
  assert.equal(conditionOf(waiting, "Ready")?.status, "False");

  await publish(scenario, kind, { revision: "v1@sha256:1", value: "first" });
  await scenario.until("Kustomization/app", "to have applied v1", hasApplied("v1@sha256:1"));
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "first");

  await publish(scenario, kind, { revision: "v2@sha256:2", value: "second" });
  const applied = await scenario.until("Kustomization/app", "to have applied v2", hasApplied("v2@sha256:2"));
  assert.equal(conditionOf(applied, "Ready")?.message, "Applied revision: v2@sha256:2");
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "second");
}

// Before the others: they define the kinds.
testBeyondFlux(
  () => harness,
  "a source whose kind is not served yet is waited for, and nobody else waits",
  async () => {
    const [missing, served] = ["ExternalArtifact", "Bucket"] as const;
    await define(served);
    await using scenario = await startScenario(harness, "sources-later");
    await scenario.apply(applying(missing));
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "ArtifactFailed" });
    await using other = await startScenario(harness, "sources-other");
    await other.apply(sourceOf(served) + applying(served));
    await publish(other, served, { revision: "v1@sha256:1", value: "first" });
    await other.untilReady("Kustomization/app");

    await define(missing);
    await scenario.apply(sourceOf(missing));
    await publish(scenario, missing, { revision: "v1@sha256:1", value: "first" });
    await scenario.untilReady("Kustomization/app");
  },
);

suite("a source of another kind", { concurrency: 4 }, () => {
  for (const kind of ["OCIRepository", "Bucket"] as const) {
    test(`${kind}: each artifact is applied when it comes`, () => followsArtifacts(kind));
  }
  // Flux keeps it behind a feature gate, which is off.
  testBeyondFlux(
    () => harness,
    "ExternalArtifact: each artifact is applied when it comes",
    () => followsArtifacts("ExternalArtifact"),
  );

  test("that does not exist is waited for", async () => {
    await define("Bucket");
    await using scenario = await startScenario(harness, "sources-missing");
    await scenario.apply(applying("Bucket"));
    const missing = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "ArtifactFailed" });
    assert.equal(conditionOf(missing, "Stalled"), undefined);
    await scenario.apply(sourceOf("Bucket"));
    await publish(scenario, "Bucket", { revision: "v1@sha256:1", value: "first" });
    await scenario.untilReady("Kustomization/app");
  });

  test("is told apart from one of another kind with the same name", async () => {
    await Promise.all([define("Bucket"), define("OCIRepository")]);
    await using scenario = await startScenario(harness, "sources-names");
    await scenario.apply(sourceOf("Bucket") + sourceOf("OCIRepository") + applying("Bucket"));
    await publish(scenario, "OCIRepository", { revision: "v1@sha256:1", value: "image" });
    await publish(scenario, "Bucket", { revision: "sha256:2", value: "bucket" });
    await scenario.until("Kustomization/app", "to have applied the bucket", hasApplied("sha256:2"));
    assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "bucket");
  });

  testBeyondFlux(
    () => harness,
    "whose status.artifact is invalid is a condition that says why",
    async () => {
      await define("ExternalArtifact");
      await using scenario = await startScenario(harness, "sources-unreadable");
      await scenario.apply(sourceOf("ExternalArtifact") + applying("ExternalArtifact"));
      const artifact = { url: "file:///etc/passwd", digest: "none" };
      await scenario.editStatus(subjectOf("ExternalArtifact"), { artifact });
      const rejected = await scenario.until("Kustomization/app", "to name the field", (object) =>
        /ExternalArtifact\/.*invalid status\.artifact: .*digest/.test(conditionOf(object, "Ready")?.message ?? ""),
      );
      assert.equal(conditionOf(rejected, "Ready")?.reason, "ArtifactFailed");
      await publish(scenario, "ExternalArtifact", { revision: "v1@sha256:1", value: "first" });
      await scenario.untilReady("Kustomization/app");
    },
  );

  test("whose archive has another digest fails as it does in Flux", async () => {
    await define("ExternalArtifact");
    await using scenario = await startScenario(harness, "external-artifact-wrong-digest");
    await scenario.apply(sourceOf("ExternalArtifact") + applying("ExternalArtifact"));
    const archive = await host.publish("latest@sha256:1", { "one.yaml": configMap("one") });
    const artifact = { ...archive, digest: `sha256:${"0".repeat(64)}` };
    await scenario.editStatus(subjectOf("ExternalArtifact"), { artifact });
    await expectRecorded(scenario, join(import.meta.dirname, "recorded"), "external-artifact-wrong-digest");
  });
});

test("what an artifact was made from is told as the origin revision", async () => {
  await define("OCIRepository");
  await using scenario = await startScenario(harness, "sources-origin");
  await scenario.apply(sourceOf("OCIRepository") + applying("OCIRepository"));
  const originRevision = `main@sha1:${"a".repeat(40)}`;
  const metadata = { "org.opencontainers.image.revision": originRevision };
  await publish(scenario, "OCIRepository", { revision: "v1@sha256:1", value: "first", metadata });
  const applied = await scenario.until("Kustomization/app", "to have applied v1", hasApplied("v1@sha256:1"));
  const status = applied["status"] as { lastAppliedOriginRevision?: string; history?: Array<{ metadata?: object }> };
  assert.equal(status.lastAppliedOriginRevision, originRevision);
  assert.deepEqual(status.history?.[0]?.metadata, { revision: "v1@sha256:1", originRevision });
  const group = "kustomize.toolkit.fluxcd.io";
  const posted = await eventually(
    () => {
      const events = postedAbout(scenario, "Kustomization/app");
      return events.some(({ message }) => message.startsWith("Reconciliation finished")) ? events : undefined;
    },
    { what: "the event of the finished run" },
  );
  assert.ok(posted.some(({ message }) => message === `ConfigMap/${scenario.namespace}/one created`));
  for (const { metadata: told } of posted) assert.equal(told?.[`${group}/originRevision`], originRevision);

  await publish(scenario, "OCIRepository", { revision: "v2@sha256:2", value: "second" });
  const next = await scenario.until("Kustomization/app", "to have applied v2", hasApplied("v2@sha256:2"));
  assert.equal((next["status"] as typeof status).lastAppliedOriginRevision, undefined);
});
