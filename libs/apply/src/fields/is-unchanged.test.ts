/** Only what a server-side apply really would leave as it is may be left out. `LEAT_SEED` repeats a run. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type Random, randomFrom } from "@leat/testing";
import { fieldManager, openSetting, type Setting } from "../../test/fixture.ts";
import { isAsApplied } from "./is-unchanged.ts";

const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env["LEAT_ROUNDS"] ?? 60);

let setting: Setting;
before(async () => {
  setting = await openSetting();
});
after(() => setting[Symbol.asyncDispose]());

const container = (name: string, image = "example.org/app:1") => ({
  name,
  image,
  env: [
    { name: "A", value: "1" },
    { name: "B", value: "2" },
  ],
  ports: [{ containerPort: 80 }, { containerPort: 81, protocol: "UDP" }],
  resources: { limits: { cpu: "100m", memory: "64Mi" } },
  args: ["--one", "--two"],
});

// Nobody but the test writes to this kind.
const template = {
  apiVersion: "v1",
  kind: "PodTemplate",
  metadata: { name: "web", labels: { app: "web" }, annotations: { note: "x" } },
  template: {
    metadata: { labels: { app: "web" } },
    spec: {
      containers: [container("one"), container("two")],
      nodeSelector: { disk: "ssd" },
      terminationGracePeriodSeconds: 5,
    },
  },
};

const objects: KubeObject[] = [
  template,
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", finalizers: ["example.org/b", "example.org/a"] },
    data: { a: "1", "b.c-d": "2" },
  },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "keys" }, type: "Opaque", data: { a: "YQ==" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: {
      selector: { app: "web" },
      ports: [
        { name: "http", port: 80 },
        { name: "admin", port: 81, targetPort: "adm" },
      ],
    },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "reader" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
  },
];

suite("what was applied is known again", () => {
  for (const object of objects) {
    test(object.kind, async () => {
      const placed = inNamespace(object);
      await apply(placed);
      assert.equal(isAsApplied(fieldManager, placed, await read(placed)), true);
    });
  }

  const others: Array<[what: string, object: KubeObject]> = [
    ["a field more", withSpec({ hostNetwork: false })],
    ["a field less", { ...template, metadata: { name: "web", labels: { app: "web" } } }],
    ["another value", withSpec({ terminationGracePeriodSeconds: 6 })],
    ["another value in a list", withSpec({ containers: [container("one"), container("two", "example.org/app:2")] })],
    ["an item less", withSpec({ containers: [container("one")] })],
    ["an item more", withSpec({ containers: [container("one"), container("two"), container("three")] })],
    ["another order", withSpec({ containers: [container("two"), container("one")] })],
  ];
  for (const [what, object] of others) {
    test(`but not with ${what}`, async () => {
      await apply(inNamespace(template));
      const live = await read(inNamespace(template));
      assert.equal(isAsApplied(fieldManager, inNamespace(object), live), false);
    });
  }

  test("but not what the server keeps in another form", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "text" }, stringData: { a: "b" } };
    await apply(inNamespace(secret));
    assert.equal(isAsApplied(fieldManager, inNamespace(secret), await read(inNamespace(secret))), false);
  });
});

test(`what is taken for applied is left as it is by an apply (LEAT_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  let known = 0;
  for (let round = 0; round < rounds; round++) {
    const object = inNamespace(random.pick(objects));
    await apply(object);
    const what = await editAtRandom(object, random);
    const declared = random.below(3) === 0 ? changedAtRandom(object, random) : object;
    const live = await read(object);
    if (!isAsApplied(fieldManager, declared, live)) continue;
    known += 1;
    const { metadata } = await apply(declared);
    const context = `round ${round} of LEAT_SEED=${seed}: ${object.kind}, ${what}`;
    assert.equal(metadata.resourceVersion, live.metadata.resourceVersion, context);
  }
  assert.ok(known > rounds / 10 && known < rounds, `${known} of ${rounds} were taken for applied`);
});

function withSpec(change: object): KubeObject {
  const { spec, metadata } = template.template;
  return { ...template, template: { metadata, spec: { ...spec, ...change } } };
}

function inNamespace(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace: setting.namespace } };
}

async function apply(object: KubeObject): Promise<KubeObject> {
  const resource = await setting.kube.resourceOf(object.apiVersion, object.kind);
  assert.ok(resource);
  return (await setting.kube.apply(resource, object, { fieldManager, force: true })).object;
}

async function read(object: KubeObject): Promise<KubeObject> {
  return (await setting.read(object.kind, object.metadata.name, object.apiVersion)) ?? assert.fail("it was deleted");
}

/** Somebody else changes what is ours, sets it as it is, or adds to it. */
async function editAtRandom(object: KubeObject, random: Random): Promise<string> {
  const changes = [...changesOfAny(random), ...changesOf(object.kind, random)];
  const [what, change] = random.pick(changes);
  await setting.edit(object, change);
  return what;
}

type Change = [what: string, body: object];

function changesOfAny(random: Random): Change[] {
  return [
    ["nothing", {}],
    ["a label of others", { metadata: { labels: { other: String(random.below(9)) } } }],
    ["an annotation that may be ours", { metadata: { annotations: { note: random.pick(["x", "y", null]) } } }],
  ];
}

function changesOf(kind: string, random: Random): Change[] {
  const containers = (...all: object[]) => ({ template: { spec: { containers: all } } });
  const [one, two] = [container("one"), container("two")];
  const admin = { name: "admin", port: 81, targetPort: "adm" };
  const rule = { apiGroups: [""], resources: ["pods"], verbs: random.pick([["get", "list"], ["get"]]) };
  const changes: Record<string, Change[]> = {
    PodTemplate: [
      ["a number", { template: { spec: { terminationGracePeriodSeconds: 4 + random.below(3) } } }],
      ["a field of an item", containers(container("one", "example.org/app:3"), two)],
      ["the order of items", containers(two, one)],
      ["an item more, before", containers(container("zero"), one, two)],
      ["an item more, between", containers(one, container("zero"), two)],
    ],
    ConfigMap: [
      ["data", { data: { a: random.pick(["1", "2", null]), z: "9" } }],
      ["the order of a set", { metadata: { finalizers: ["example.org/a", "example.org/b"] } }],
    ],
    Service: [["ports", { spec: { ports: [admin, { name: "http", port: 80, targetPort: random.pick([80, 82]) }] } }]],
    Role: [["rules", { rules: [rule] }]],
  };
  return changes[kind] ?? [];
}

function changedAtRandom(object: KubeObject, random: Random): KubeObject {
  const labels = random.pick([{ app: "web" }, { app: "web", more: "1" }, {}]);
  return { ...object, metadata: { ...object.metadata, labels } };
}
