import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { GitRepository, Kustomization } from "@leat/api";
import { createTestNamespace, eventually, type TestNamespace } from "@leat/testing";
import { type Live, openLive } from "../../test/live.ts";
import { kustomization } from "../../test/objects.ts";
import { textAt } from "../terminal/columns.ts";

let live: Live;
let first: string;
before(async () => {
  live = await openLive();
  first = await live.repository.commit({ "app/cm.yaml": configMap("1") });
  await live.deploy("app");
});
after(() => live[Symbol.asyncDispose]());

suite("leat reconcile", () => {
  test("waits until a source has looked, and tells the revision", async () => {
    const { code, stdout, stderr } = await live.leat(["reconcile", "source", "git", "repo"]);
    assert.equal(code, 0, stderr);
    const commit = first.slice(0, 8);
    assert.equal(stdout, `✓ GitRepository/${live.namespace}/repo fetched revision main@sha1:${commit}\n`);
  });

  test("with its source, applies what has been pushed", async () => {
    const pushed = await live.repository.commit({ "app/cm.yaml": configMap("2") });
    const { code, stdout, stderr } = await live.leat(["reconcile", "ks", "app", "--with-source"]);
    assert.equal(code, 0, stderr);
    const commit = pushed.slice(0, 8);
    assert.match(stdout, new RegExp(`^✓ GitRepository/.* fetched revision main@sha1:${commit}$`, "m"));
    assert.match(stdout, new RegExp(`^✓ Kustomization/.* applied revision main@sha1:${commit}$`, "m"));
    const object = await live.kube.get({ resource: Kustomization, namespace: live.namespace, name: "app" });
    assert.equal(textAt(object, "status", "lastAppliedRevision"), `main@sha1:${pushed}`);
  });

  test("ends with 1 where the run fails, with its reason and message", async () => {
    await live.repository.commit({ "app/cm.yaml": "kind: [" });
    const { code, stdout, stderr } = await live.leat(["reconcile", "ks/app", "--with-source"]);
    assert.equal(code, 1);
    assert.match(stdout, /^✓ GitRepository/);
    assert.match(stderr, /^leat: Kustomization\/.*\/app failed: BuildFailed: /m);
    await live.repository.commit({ "app/cm.yaml": configMap("3") });
    assert.equal((await live.leat(["reconcile", "ks", "app", "--with-source"])).code, 0);
  });

  test("says on a terminal what goes on", async () => {
    const { stderr } = await live.leat(["reconcile", "ks", "app"], { interactive: true });
    assert.match(stderr, /… waiting for Kustomization/);
  });

  test("only asks with --no-wait", async () => {
    const { code, stdout } = await live.leat(["reconcile", "ks", "app", "--no-wait"]);
    assert.equal(code, 0);
    assert.match(stdout, /reconciliation requested/);
  });

  suite("of what no controller takes up", () => {
    let elsewhere: TestNamespace;
    before(async () => {
      elsewhere = await createTestNamespace(live.controlPlane, "cli");
      const object = kustomization("idle");
      await live.create({ ...object, metadata: { ...object.metadata, namespace: elsewhere.name } });
    });
    after(() => elsewhere[Symbol.asyncDispose]());

    test("says after --timeout what it has waited for", async () => {
      const { code, stderr } = await live.leat(["reconcile", "ks", "idle", "-n", elsewhere.name, "--timeout", "1s"]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /timed out after 1s waiting for Kustomization\/.*\/idle: no controller has started to reconcile it/,
      );
    });

    test("ends where somebody else suspends it meanwhile", async () => {
      const idle = { resource: Kustomization, namespace: elsewhere.name, name: "idle" };
      const before_ = await live.kube.get(idle);
      const reconciling = live.leat(["reconcile", "ks", "idle", "-n", elsewhere.name]);
      const asked = async () => {
        const object = await live.kube.get(idle);
        return object?.metadata.resourceVersion !== before_?.metadata.resourceVersion;
      };
      await eventually(asked, { what: "the request" });
      await live.leat(["suspend", "ks", "idle", "-n", elsewhere.name]);
      const { code, stderr } = await reconciling;
      assert.equal(code, 1);
      assert.match(stderr, /idle was suspended in the meantime/);
    });
  });

  const rejected: Array<[what: string, args: string[], code: number, message: RegExp]> = [
    ["what does not exist", ["ks", "none"], 1, /Kustomization none not found/],
    ["a source of a source", ["gitrepo", "repo", "--with-source"], 2, /a GitRepository has no source/],
    ["several objects", ["ks", "app", "other"], 2, /name one object/],
  ];
  for (const [what, args, expected, message] of rejected) {
    test(`rejects ${what}`, async () => {
      const { code, stderr } = await live.leat(["reconcile", ...args]);
      assert.equal(code, expected);
      assert.match(stderr, message);
    });
  }
});

suite("leat suspend and resume", () => {
  test("a suspended object is left alone until it is resumed, and says why", async () => {
    const suspended = await live.leat(["suspend", "ks", "app", "--reason", "incident 42"]);
    assert.equal(suspended.stdout, `✓ Kustomization/${live.namespace}/app suspended\n`);
    const pushed = await live.repository.commit({ "app/cm.yaml": configMap("4") });
    assert.equal((await live.leat(["reconcile", "source", "git", "repo"])).code, 0);

    const rejected = await live.leat(["reconcile", "ks", "app"]);
    assert.equal(rejected.code, 1);
    assert.match(rejected.stderr, /app is suspended: incident 42\nResume it first: leat resume kustomization app -n /);

    const resumed = await live.leat(["resume", "ks", "app"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, new RegExp(`app resumed, applied revision main@sha1:${pushed.slice(0, 8)}`));
    const object = await live.kube.get({ resource: Kustomization, namespace: live.namespace, name: "app" });
    assert.equal(textAt(object, "spec", "suspend"), "");
    assert.equal(object?.metadata.annotations?.["leat.dev/suspend-reason"], undefined);
  });

  test("resuming waits for the failure too, and ends with 1", async () => {
    await live.leat(["suspend", "ks", "app"]);
    await live.kube.patch(
      { resource: Kustomization, namespace: live.namespace, name: "app" },
      { type: "merge", body: { spec: { path: "./nowhere" } } },
      { fieldManager: "cli-test" },
    );
    const { code, stderr } = await live.leat(["resume", "ks", "app"]);
    assert.equal(code, 1);
    assert.match(stderr, /app failed: .*nowhere/);
  });

  test("waits with --wait for several, and tells of all that fail", async () => {
    for (const name of ["one", "two"]) {
      const spec = { sourceRef: { kind: "GitRepository", name: "repo" }, path: `./no-${name}`, suspend: true };
      await live.create(kustomization(name, { spec, status: { conditions: [] } }));
    }
    const { code, stderr } = await live.leat(["resume", "ks", "one", "two", "--wait"]);
    assert.equal(code, 1);
    assert.match(stderr, /one failed: .*no-one/);
    assert.match(stderr, /two failed: .*no-two/);
    const { kube, namespace } = live;
    for (const name of ["one", "two"]) await kube.delete({ resource: Kustomization, namespace, name });
  });

  test("does not wait with several, nor where there is nothing to resume", async () => {
    const suspended = await live.leat(["suspend", "all", "--all"]);
    assert.match(suspended.stdout, /GitRepository\/.*\/repo suspended/);
    assert.match(suspended.stdout, /Kustomization\/.*\/app suspended/);
    assert.match((await live.leat(["suspend", "ks", "app"])).stdout, /is already suspended/);
    const resumed = await live.leat(["resume", "all", "--all"]);
    assert.equal(resumed.code, 0);
    assert.match(resumed.stdout, /\/app resumed$/m);
    assert.match((await live.leat(["resume", "gitrepo", "repo"])).stdout, /repo is not suspended/);
  });

  test("with --all takes only those with the labels", async () => {
    await live.leat(["suspend", "gitrepo", "--all", "-l", "team=shop"]);
    const object = await live.kube.get({ resource: GitRepository, namespace: live.namespace, name: "repo" });
    assert.equal(textAt(object, "spec", "suspend"), "");
  });

  const rejected: Array<[what: string, args: string[], message: RegExp]> = [
    ["no name", ["ks"], /name the objects, or use --all/],
    ["names and --all", ["ks", "app", "--all"], /name the objects, or select them/],
  ];
  for (const [what, args, message] of rejected) {
    test(`rejects ${what}`, async () => {
      const { code, stderr } = await live.leat(["suspend", ...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }
});

function configMap(value: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: ${live.namespace}}\ndata: {value: "${value}"}\n`;
}
