import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { ApiError, type Kube, type WatchEvent } from "@leat/kube";
import { createHelmReleases, HelmRelease } from "./helm-releases.ts";

suite("HelmReleases", () => {
  test("are not there, and not watched, where the API server does not know them", async () => {
    const { releases, watches } = setting({ isServed: false });
    assert.equal(await releases.find("team", "base"), undefined);
    assert.equal(watches.length, 0);
  });

  test("are watched from the first question on, once for all", async () => {
    const { releases, watches, changes } = setting();
    assert.equal(watches.length, 0);
    assert.equal(await releases.find("team", "base"), base);
    assert.equal(await releases.find("team", "base"), base);
    assert.equal(watches.length, 1);
    assert.deepEqual(changes, ["base"]);
  });

  test("are watched no longer when nobody depends on one, and again when somebody does", async () => {
    const needed = { now: true };
    const { releases, watches } = setting({ isNeeded: () => needed.now });
    await releases.find("team", "base");
    releases.settle();
    assert.equal(watches[0]?.signal.aborted, false);
    needed.now = false;
    releases.settle();
    assert.equal(watches[0]?.signal.aborted, true);
    needed.now = true;
    await releases.find("team", "base");
    assert.equal(watches[1]?.signal.aborted, false);
  });

  for (const code of [403, 404]) {
    test(`are watched anew after the API server has answered ${code}`, async () => {
      const { releases, watches } = setting();
      await releases.find("team", "base");
      watches[0]?.fail(new ApiError(code, "Refused", "no"));
      assert.equal(watches[0]?.signal.aborted, true);
      await releases.find("team", "base");
      assert.equal(watches.length, 2);
    });
  }

  test("stay watched through a broken connection", async () => {
    const { releases, watches } = setting();
    await releases.find("team", "base");
    watches[0]?.fail(new Error("connection reset"));
    await releases.find("team", "base");
    assert.equal(watches.length, 1);
    assert.equal(watches[0]?.signal.aborted, false);
  });
});

const base: KubeObject = {
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name: "base", namespace: "team", generation: 1, resourceVersion: "1" },
};

interface Watched {
  signal: AbortSignal;
  fail: (error: Error) => void;
}

function setting({ isServed = true, isNeeded = (): boolean => true } = {}) {
  const watches: Watched[] = [];
  const changes: string[] = [];
  const kube = {
    resourceOf: async () => (isServed ? HelmRelease : undefined),
    get: async () => base,
    watch: async function* (_, signal, { onFailure } = {}): AsyncGenerator<WatchEvent, void, undefined> {
      watches.push({ signal, fail: (error) => onFailure?.(error, 1) });
      yield { type: "listed", objects: [base], resourceVersion: "1" };
      if (!signal.aborted) await once(signal, "abort");
    },
  } satisfies Partial<Kube> as unknown as Kube;
  const log = { debug: () => {}, info: () => {}, error: () => {}, with: () => log };
  const releases = createHelmReleases({
    kube,
    log,
    signal: new AbortController().signal,
    namespace: undefined,
    isNeeded,
    onChange: ({ after }) => void changes.push(after?.metadata.name ?? "gone"),
  });
  return { releases, watches, changes };
}
