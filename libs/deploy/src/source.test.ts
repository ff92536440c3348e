import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type GroupKind, keyOfKind, type KubeObject, type Resource } from "@leat/api";
import type { Kube } from "@leat/kube";
import { artifactChanged, artifactOf, type Source, type SourceReference, sourceTrigger } from "./source.ts";

const artifact = {
  path: "gitrepository/team/repo/a.tar.gz",
  url: "http://source/a.tar.gz",
  revision: `main@sha1:${"a".repeat(40)}`,
  digest: `sha256:${"0".repeat(64)}`,
  lastUpdateTime: "2026-01-01T00:00:00Z",
};
const repository = (status: object): KubeObject => ({
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "GitRepository",
  metadata: { name: "repo" },
  status,
});
/** A cluster that serves these kinds of sources. */
const serving = (...kinds: string[]): Pick<Kube, "resourceOf"> => ({
  resourceOf: async (_apiVersion, kind) => (kinds.includes(kind) ? ({ kind } as Resource) : undefined),
});
const kube = serving("GitRepository", "OCIRepository", "Bucket");
const own: SourceReference = { field: "spec.sourceRef", kind: "GitRepository", name: "repo" };
const elsewhere: SourceReference = { ...own, namespace: "infra" };

suite("the source of an object", () => {
  const rows: Array<
    [given: string, ref: SourceReference, found: object | undefined, isolated: boolean, kind: Source["kind"]]
  > = [
    ["not there", own, undefined, false, "missing"],
    ["there without an artifact", own, repository({}), false, "noArtifact"],
    ["there with one", own, repository({ artifact }), false, "found"],
    ["there with something else", own, repository({ artifact: { url: 1 } }), false, "invalid"],
    ["in another namespace", elsewhere, repository({ artifact }), false, "found"],
    ["in another namespace, where that is not allowed", elsewhere, repository({ artifact }), true, "denied"],
  ];
  for (const [given, ref, found, noCrossNamespaceRefs, kind] of rows) {
    test(`${given} → ${kind}`, async () => {
      const find = async () => found as KubeObject | undefined;
      assert.equal((await artifactOf(ref, "team", { find, kube, noCrossNamespaceRefs })).kind, kind);
    });
  }

  test("that does not exist is reported with the field that refers to it", async () => {
    const lookup = { find: async () => undefined, kube, noCrossNamespaceRefs: false };
    const chart: SourceReference = { field: "spec.chartRef", kind: "OCIRepository", name: "podinfo" };
    const message = "OCIRepository/team/podinfo does not exist: create it, or correct spec.chartRef";
    assert.deepEqual(await artifactOf(chart, "team", lookup), { kind: "missing", message });
  });

  test("of a kind that is not served is reported in the words for such a manifest", async () => {
    const lookup = { find: async () => undefined, kube: serving("GitRepository"), noCrossNamespaceRefs: false };
    const message = "Bucket/team/b: no matches for kind Bucket in source.toolkit.fluxcd.io/v1; is its CRD installed?";
    assert.deepEqual(await artifactOf({ ...own, kind: "Bucket", name: "b" }, "team", lookup), {
      kind: "missing",
      message,
    });
  });

  test("is looked for in the object's own namespace by default", async () => {
    const asked: string[] = [];
    const find = async (kind: GroupKind, namespace: string, name: string) => {
      asked.push(`${keyOfKind(kind)} ${namespace}/${name}`);
      return undefined;
    };
    await artifactOf(own, "team", { find, kube, noCrossNamespaceRefs: false });
    await artifactOf({ ...own, kind: "Bucket", name: "b" }, "team", { find, kube, noCrossNamespaceRefs: false });
    assert.deepEqual(asked, [
      "GitRepository.source.toolkit.fluxcd.io team/repo",
      "Bucket.source.toolkit.fluxcd.io team/b",
    ]);
  });
});

suite("a change of a source", () => {
  const stored = repository({ artifact });
  const rows: Array<[what: string, before: KubeObject | undefined, next: object | undefined, trigger?: string]> = [
    ["the same artifact", stored, artifact],
    ["another address of the same artifact", stored, { ...artifact, url: "http://other/a.tar.gz" }],
    ["still no artifact", repository({}), undefined],
    ["another revision", stored, { ...artifact, revision: "main@sha1:b" }, "revision"],
    ["another digest of the same revision", stored, { ...artifact, digest: "sha256:1" }, "revision"],
    ["its first artifact", repository({}), artifact, "revision"],
    ["the same content, built again", stored, { ...artifact, lastUpdateTime: "2026-01-02T00:00:00Z" }, "source"],
    ["no artifact any more", stored, undefined, "source"],
    ["listed for the first time", undefined, artifact, "source"],
  ];
  for (const [what, before, next, trigger] of rows) {
    test(`${what} → ${trigger ?? "concerns nobody"}`, () => {
      const after = repository(next === undefined ? { conditions: [] } : { artifact: next });
      const change = { ...(before && { before }), after };
      assert.equal(artifactChanged(change) ? sourceTrigger(change) : undefined, trigger);
    });
  }

  test("that is gone → source", () => {
    assert.deepEqual([artifactChanged({ before: stored }), sourceTrigger({ before: stored })], [true, "source"]);
  });
});
