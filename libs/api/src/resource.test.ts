import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { GitRepository } from "./source/git-repository.ts";
import type { KubeObject } from "./object.ts";

function repository(spec: Record<string, unknown>, other: Record<string, unknown> = {}): KubeObject {
  const metadata = {
    name: "podinfo",
    namespace: "apps",
    uid: "3b7ec8d5",
    resourceVersion: "7",
    generation: 1,
    creationTimestamp: "2026-01-02T03:04:05Z",
    selfMade: { kept: true },
  };
  return { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", metadata, spec, ...other };
}

suite("an object is checked where it comes in", () => {
  const spec = { url: "https://example.com/podinfo", interval: "1m" };

  test("gets the defaults that the API server gives", () => {
    const parsed = GitRepository.parse(repository(spec));
    assert.deepEqual(parsed.spec, { ...spec, timeout: "60s" });
    assert.deepEqual(parsed.status, { observedGeneration: -1 });
  });

  test("keeps its metadata whole", () => {
    const object = repository(spec);
    assert.equal(GitRepository.parse(object).metadata, object.metadata);
  });

  test("may have fields of a newer API", () => {
    const parsed = GitRepository.parse(repository({ ...spec, later: true }, { status: { later: 1 } }));
    assert.equal(parsed.spec.url, spec.url);
  });

  test("is left as it was", () => {
    const object = repository(spec);
    const before = structuredClone(object);
    GitRepository.parse(object);
    assert.deepEqual(object, before);
  });

  const rejections: [what: string, object: KubeObject, message: RegExp][] = [
    ["a missing spec", repository(undefined as never), /GitRepository apps\/podinfo cannot be read: spec: /],
    ["each wrong field", repository({ url: "git@x:y" }), /spec\.url: .*; spec\.interval: /],
    ["an element of a list by its index", repository({ ...spec, include: [{}] }), /spec\.include\[0\]\.repository: /],
    ["another kind", { ...repository(spec), kind: "Bucket" }, /kind: .*"GitRepository"/],
    ["metadata that never was on a server", { ...repository(spec), metadata: { name: "podinfo" } }, /metadata\.uid: /],
  ];
  for (const [what, object, message] of rejections) {
    test(`is rejected with the path of ${what}`, () =>
      assert.throws(() => GitRepository.parse(object), { name: "Fault", reason: "InvalidObject", message }));
  }

  test("is rejected without repeating a value, which may be a secret", () => {
    const object = repository({ ...spec, url: "hunter2://user:hunter2@x" });
    assert.throws(
      () => GitRepository.parse(object),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });
});
