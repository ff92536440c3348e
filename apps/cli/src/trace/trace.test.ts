import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { eventually } from "@leat/testing";
import { type Live, openLive } from "../../test/live.ts";
import type { Trace } from "./trace.ts";

let live: Live;
let commit: string;
let pod: string;
before(async () => {
  live = await openLive();
  commit = await live.repository.commit(
    { "root/app.yaml": nested(live.namespace), "app/web.yaml": deployment(live.namespace) },
    { message: "Open the shop\n\nWith a web server." },
  );
  await live.deploy("root");
  await live.untilReady("Kustomization", "app");
  const { kube, namespace } = live;
  const started = async () => (await kube.list({ resource: core.Pod, namespace })).objects[0];
  pod = (await eventually(started, { what: "a pod", timeoutMs: 60_000 })).metadata.name;
  await kube.create(
    core.ConfigMap,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "copied", namespace, labels: { ...labelsOf("app") } },
    },
    { fieldManager: "cli-test" },
  );
  await kube.create(
    core.ConfigMap,
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "orphaned", namespace, labels: { ...labelsOf("gone") } } },
    { fieldManager: "cli-test" },
  );
});
after(() => live[Symbol.asyncDispose]());

suite("leat trace", () => {
  test("goes from a pod through its owners and nested Kustomizations to the commit", async () => {
    const { code, stdout, stderr } = await live.leat(["trace", `pod/${pod}`, "-o", "json"]);
    assert.equal(code, 0, stderr);
    const { managed, steps } = JSON.parse(stdout) as Trace;
    assert.equal(managed, true);
    assert.deepEqual(
      steps.map(({ role, kind, name }) => `${role} ${kind}/${kind === "Pod" || kind === "ReplicaSet" ? "…" : name}`),
      [
        "object Pod/…",
        "owner ReplicaSet/…",
        "owner Deployment/web",
        "applier Kustomization/app",
        "source GitRepository/repo",
        "applier Kustomization/root",
      ],
    );
    const [, , , app, source] = steps;
    assert.partialDeepStrictEqual(app, { details: { path: "./app", applied: `main@sha1:${commit}` } });
    assert.partialDeepStrictEqual(source, {
      status: "Current",
      details: { url: live.repository.url, branch: "main", revision: `main@sha1:${commit}` },
    });
    assert.equal(source?.details?.["commit"], "Open the shop");
  });

  test("tells people the same, one line an object", async () => {
    const { stdout } = await live.leat(["trace", "deploy", "web"]);
    assert.match(stdout, /^object +Deployment\/.*\/web +\w+ +\S/m);
    assert.match(stdout, /^applier +Kustomization\/.*\/app +Current +Applied revision: main@sha1:[0-9a-f]{8}$/m);
    assert.match(stdout, /^ {2}commit +Open the shop$/m);
    assert.ok(!stdout.includes("Not managed"));
  });

  test("gives a Kustomization its own source", async () => {
    const { stdout } = await live.leat(["trace", "ks/root"]);
    assert.match(stdout, /^source +GitRepository/m);
    assert.match(stdout, /Not managed: neither the object nor its owners/);
  });

  const unmanaged: Array<[what: string, args: string[], note: RegExp]> = [
    ["nobody applied", ["cm/kube-root-ca.crt"], /Not managed: neither the object nor its owners were applied by/],
    [
      "carries copied labels",
      ["cm", "copied"],
      /labels refer to Kustomization .*\/app, whose inventory does not contain it/,
    ],
    ["outlived who applied it", ["cm/orphaned"], /labels refer to Kustomization .*\/gone, which does not exist/],
    ["has no namespace", ["ns/default"], /Not managed/],
  ];
  for (const [what, args, note] of unmanaged) {
    test(`says plainly of what ${what} that it is not managed`, async () => {
      const { code, stdout } = await live.leat(["trace", ...args]);
      assert.equal(code, 0);
      assert.match(stdout, note);
    });
  }

  test("takes kind and API version as options", async () => {
    const { stdout } = await live.leat(["trace", "web", "--kind", "Deployment", "--api-version", "apps/v1"]);
    assert.match(stdout, /^applier +Kustomization\/.*\/app/m);
  });

  const rejected: Array<[what: string, args: string[], code: number, message: RegExp]> = [
    ["an object that does not exist", ["cm/none"], 1, /ConfigMap\/.*\/none does not exist; use -n/],
    ["a kind that nobody knows", ["mill/a"], 1, /unknown kind "mill"/],
    ["a name alone", ["web"], 2, /name one object as KIND\/NAME or KIND NAME, such as deployment\/web/],
  ];
  for (const [what, args, expected, message] of rejected) {
    test(`rejects ${what}`, async () => {
      const { code, stderr } = await live.leat(["trace", ...args]);
      assert.equal(code, expected);
      assert.match(stderr, message);
    });
  }
});

function labelsOf(name: string): Record<string, string> {
  return {
    "kustomize.toolkit.fluxcd.io/name": name,
    "kustomize.toolkit.fluxcd.io/namespace": live.namespace,
  };
}

function nested(namespace: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: ${namespace}}
spec:
  interval: 10m
  prune: true
  path: ./app
  sourceRef: {kind: GitRepository, name: repo}
`;
}

function deployment(namespace: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
`;
}
