import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Kustomization } from "@leat/api";
import { createWork } from "@leat/cel";
import { ApiError } from "@leat/kube";
import { readyStatus, type StoredObject, storedObject } from "@leat/testing";
import { unreadyDependency } from "./dependencies.ts";

type Reference = NonNullable<Kustomization["spec"]["dependsOn"]>[number];

const waits = readyStatus("False", "DependencyNotReady");
const prefix = "dependency Kustomization/team/b is not ready: DependencyNotReady";

/** Why `team/a` waits, and how many objects were looked up for it. */
async function reasonOf(graph: Record<string, Reference[]>, noCrossNamespaceRefs = false) {
  const objects = new Map<string, StoredObject>();
  for (const [path, dependsOn] of Object.entries(graph)) {
    const [name = "", namespace = "team"] = path.split("/").toReversed();
    objects.set(
      `${namespace}/${name}`,
      storedObject(Kustomization, { name, namespace, spec: { dependsOn }, status: waits }),
    );
  }
  let lookups = 0;
  const find = async (_: unknown, namespace: string, name: string) => {
    lookups++;
    if (name === "forbidden") throw new ApiError(403, "Forbidden", "");
    return objects.get(`${namespace}/${name}`);
  };
  const readiness = { expressions: new Map(), isAdditive: false };
  const work = createWork(new AbortController().signal);
  const a = objects.get("team/a");
  assert.ok(a);
  return { reason: await unreadyDependency(a, { find, noCrossNamespaceRefs }, readiness, work), lookups };
}

function chain(length: number): Record<string, Reference[]> {
  const names = ["a", "b", ...Array.from({ length: length - 2 }, (_, index) => `c${index}`)];
  return Object.fromEntries(names.map((name, index) => [name, [{ name: names[(index + 1) % length] ?? "" }]]));
}

suite("dependencies that wait for each other", () => {
  const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const elsewhere = { name: "x", namespace: "other" };
  const back = { name: "a", namespace: "team" };
  const rows: Array<[what: string, graph: Record<string, Reference[]>, circle: string | undefined]> = [
    ["two", { a: [b], b: [a] }, "Kustomization/team/a -> Kustomization/team/b -> Kustomization/team/a"],
    [
      "three, by the shortest way",
      { a: [b], b: [{ name: "d" }, c], c: [a], d: [{ name: "e" }], e: [a] },
      "Kustomization/team/a -> Kustomization/team/b -> Kustomization/team/c -> Kustomization/team/a",
    ],
    [
      "across namespaces",
      { a: [b], b: [elsewhere], "other/x": [back] },
      "Kustomization/team/a -> Kustomization/team/b -> Kustomization/other/x -> Kustomization/team/a",
    ],
    ["others in a circle, which leads not back", { a: [b], b: [c], c: [b] }, undefined],
    ["none", { a: [b], b: [c], c: [] }, undefined],
    ["one whose dependency does not exist", { a: [b], b: [c] }, undefined],
    ["one that leads to what may not be read", { a: [b], b: [{ name: "forbidden" }] }, undefined],
    ["one that an expression may end", { a: [b], b: [{ name: "a", readyExpr: "true" }] }, undefined],
  ];
  for (const [what, graph, circle] of rows)
    test(`${what}: ${circle ? "the circle is named" : "no circle"}`, async () => {
      const { reason } = await reasonOf(graph);
      assert.equal(reason, circle === undefined ? prefix : `${prefix}; they wait for each other: ${circle}`);
    });

  test("one that depends on itself", async () => {
    const { reason } = await reasonOf({ a: [a] });
    assert.match(reason ?? "", /wait for each other: Kustomization\/team\/a -> Kustomization\/team\/a$/);
  });

  test("what objects of other namespaces depend on is not revealed with --no-cross-namespace-refs", async () => {
    const { reason } = await reasonOf({ a: [b], b: [elsewhere], "other/x": [back] }, true);
    assert.equal(reason, prefix);
  });

  test("a long circle is shortened", async () => {
    const { reason = "" } = await reasonOf(chain(50));
    assert.match(reason, /c6 -> 41 more -> Kustomization\/team\/a$/);
  });

  test("the search ends after a hundred objects, and looks each up once", async () => {
    const far = await reasonOf(chain(1000));
    assert.deepEqual([far.reason, far.lookups <= 101], [prefix, true]);
    const names = Array.from({ length: 1000 }, (_, index) => ({ name: `n${index}` }));
    const dense = Object.fromEntries(names.map(({ name }) => [name, names]));
    const wide = await reasonOf({ a: [b], b: names, ...dense });
    assert.deepEqual([wide.reason, wide.lookups <= 101], [prefix, true]);
  });
});
