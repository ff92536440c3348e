import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { type Source, sourceOf } from "./source.ts";

const artifact = {
  path: "gitrepository/team/repo/a.tar.gz",
  url: "http://source/a.tar.gz",
  revision: `main@sha1:${"a".repeat(40)}`,
  digest: `sha256:${"0".repeat(64)}`,
  lastUpdateTime: "2026-01-01T00:00:00Z",
};
const repository = (status: object) => ({
  apiVersion: "source.toolkit.fluxcd.io/v1",
  kind: "GitRepository",
  metadata: { name: "repo" },
  status,
});
const elsewhere = { sourceRef: { kind: "GitRepository", name: "repo", namespace: "infra" } };

suite("the source of a Kustomization", () => {
  const rows: Array<[given: string, spec: object, found: object | undefined, isolated: boolean, kind: Source["kind"]]> =
    [
      ["not there", {}, undefined, false, "missing"],
      ["there without an artifact", {}, repository({}), false, "noArtifact"],
      ["there with one", {}, repository({ artifact }), false, "found"],
      ["there with something else", {}, repository({ artifact: { url: 1 } }), false, "unreadable"],
      ["in another namespace", elsewhere, repository({ artifact }), false, "found"],
      ["in another namespace, where that is switched off", elsewhere, repository({ artifact }), true, "denied"],
    ];
  for (const [given, spec, found, noCrossNamespaceRefs, kind] of rows) {
    test(`${given} → ${kind}`, async () => {
      const find = async () => found as Awaited<ReturnType<Parameters<typeof sourceOf>[1]["find"]>>;
      assert.equal((await sourceOf(kustomization(spec), { find, noCrossNamespaceRefs })).kind, kind);
    });
  }

  test("is looked for in the Kustomization's own namespace by default", async () => {
    const asked: string[] = [];
    const find = async (kind: string, namespace: string, name: string) => {
      asked.push(`${kind}/${namespace}/${name}`);
      return undefined;
    };
    await sourceOf(kustomization(), { find, noCrossNamespaceRefs: false });
    await sourceOf(kustomization({ sourceRef: { kind: "Bucket", name: "b" } }), { find, noCrossNamespaceRefs: false });
    assert.deepEqual(asked, ["GitRepository/team/repo", "Bucket/team/b"]);
  });
});
