import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, GitRepository, type KubeObject, Kustomization } from "@leat/api";
import type { Change, Selection, Store } from "@leat/kube";
import { storedObject } from "@leat/testing";
import type { CommonConfig } from "../common-flags.ts";
import type { Setup } from "../definition.ts";
import { type ReferenceWatch, watchReferences } from "./watch-references.ts";

const sourceRef = { kind: "GitRepository", name: "repo" };
const app = storedObject(Kustomization, { spec: { sourceRef, dependsOn: [{ name: "base" }] } });
const repo = storedObject(GitRepository, { name: "repo" });
const base = storedObject(Kustomization, { name: "base", spec: { sourceRef } });

interface Watched {
  selection: Selection;
  onChange: (change: Change<KubeObject>) => void;
}

/** A program that watches what is given, and reads from an API server that has one object. */
function openProgram(watches: readonly ReferenceWatch[], config: Partial<CommonConfig> = {}) {
  const watched: Watched[] = [];
  const enqueued: string[] = [];
  const read: string[] = [];
  const stores = new Map<string, KubeObject[]>([
    ["Kustomization", [app, base]],
    ["GitRepository", [repo]],
  ]);
  const storeOf = (kind: string) =>
    ({
      get: (namespace: string, name: string) =>
        stores.get(kind)?.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    }) as Store;
  const setup = {
    config: { watchAllNamespaces: true, runtimeNamespace: "flux-system", ...config },
    objects: () => storeOf("Kustomization"),
    watch: (selection: Selection, onChange: Watched["onChange"]) => {
      watched.push({ selection, onChange });
      return storeOf(selection.resource.kind);
    },
    enqueue: (_: unknown, { name }: { name: string }, trigger: string) => enqueued.push(`${name} by ${trigger}`),
    kube: {
      get: async ({ namespace, name }: { namespace: string; name: string }) => {
        read.push(`${namespace}/${name}`);
        return repo;
      },
    },
  } as unknown as Setup<CommonConfig>;
  const references = watchReferences(setup, Kustomization, watches);
  for (const after of [app, base]) references.onChange({ after });
  return { ...references, watched, enqueued, read };
}

suite("references of a kind", () => {
  test("trigger the referrers of a changed object, in the role of the reference", () => {
    const { watched, enqueued } = openProgram([{ role: "source", resource: GitRepository }]);
    watched[0]?.onChange({ before: repo, after: repo });
    assert.deepEqual(enqueued.toSorted(), ["app by source", "base by source"]);
  });

  test("trigger only the referrers that the change concerns", () => {
    const concerns: ReferenceWatch["concerns"] = (_, referrer) => referrer === app;
    const { watched, enqueued } = openProgram([{ role: "source", resource: GitRepository, concerns }]);
    watched[0]?.onChange({ before: repo });
    assert.deepEqual(enqueued, ["app by source"]);
  });

  test("trigger by what the watch makes of the change", () => {
    const trigger: ReferenceWatch["trigger"] = ({ before }) => (before ? "revision" : "source");
    const { watched, enqueued } = openProgram([{ role: "source", resource: GitRepository, trigger }]);
    watched[0]?.onChange({ after: repo });
    watched[0]?.onChange({ before: repo, after: repo });
    const expected = ["app by revision", "app by source", "base by revision", "base by source"];
    assert.deepEqual(enqueued.toSorted(), expected);
  });

  test("lead to objects of the same kind without a second watch", () => {
    const { onChange, watched, enqueued } = openProgram([{ role: "dependency", resource: Kustomization }]);
    enqueued.length = 0;
    onChange({ before: base, after: base });
    assert.deepEqual([watched, enqueued], [[], ["app by dependency"]]);
  });

  test("are watched by their labels and metadata, if the watch says so", () => {
    const labelSelector = "watched=yes";
    const { watched } = openProgram([{ role: "config", resource: core.Secret, labelSelector, metadataOnly: true }]);
    const selections = watched.map(({ selection }) => selection);
    assert.deepEqual(selections, [{ resource: core.Secret, namespace: undefined, labelSelector, metadataOnly: true }]);
  });
});

suite("an object that is referred to", () => {
  const watches: ReferenceWatch[] = [{ role: "source", resource: GitRepository }];

  test("is looked up in the watch", async () => {
    const { find, read } = openProgram(watches);
    assert.equal(await find(GitRepository, "team", "repo"), repo);
    assert.equal(await find(Kustomization, "team", "base"), base);
    assert.equal(await find(Kustomization, "team", "missing"), undefined);
    assert.equal(await find({ group: "git.example.com", kind: "GitRepository" }, "team", "repo"), undefined);
    assert.deepEqual(read, []);
  });

  test("is read from the API server outside of the watched namespace", async () => {
    const { find, read } = openProgram(watches, { watchAllNamespaces: false, runtimeNamespace: "team" });
    await find(GitRepository, "team", "repo");
    await find(GitRepository, "infra", "repo");
    assert.deepEqual(read, ["infra/repo"]);
  });

  test("is read from the API server if it may be of another shard", async () => {
    const { find, read } = openProgram(watches, { watchLabelSelector: "shard=1" });
    await find(Kustomization, "team", "elsewhere");
    assert.deepEqual(read, ["team/elsewhere"]);
  });
});
