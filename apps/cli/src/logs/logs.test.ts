import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { type Kubelet, startKubelet } from "../../test/kubelet.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

const nodes = { group: "", version: "v1", kind: "Node", plural: "nodes", namespaced: false };
let setting: Setting;
let kubelet: Kubelet;
let node: string;
const scope = () => ["--controllers-namespace", setting.namespace];

before(async () => {
  setting = await openSetting();
  kubelet = await startKubelet();
  node = `node-of-${setting.namespace}`;
  await setting.kube.create(nodes, nodeAt(kubelet.port), { fieldManager: "cli-test" });
  for (const name of ["source-controller", "kustomize-controller"]) await setting.create(controller(name));
});
after(async () => {
  await setting.kube.delete({ resource: nodes, name: node });
  await kubelet[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

suite("leat logs", () => {
  before(async () => {
    const [source, kustomize] = await Promise.all([podOf("source-controller"), podOf("kustomize-controller")]);
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const apps = { controllerKind: "Kustomization", namespace: "shop", name: "apps", reconcileID: "1" };
    const lost = {
      ...apps,
      level: "error",
      msg: "reconciliation failed",
      error: "no such file",
      reason: "BuildFailed",
    };
    const stored = { controllerKind: "GitRepository", namespace: "shop", name: "podinfo", revision: "main@sha1:1" };
    kubelet.write(kustomize, "not of the logger", minutesAgo(90));
    kubelet.write(source, JSON.stringify({ level: "info", msg: "starting", leader: true }), minutesAgo(30));
    kubelet.write(kustomize, JSON.stringify(lost), minutesAgo(10));
    kubelet.write(source, JSON.stringify({ ...stored, level: "info", msg: "stored artifact" }), minutesAgo(20));
    kubelet.write(source, JSON.stringify({ ...stored, level: "debug", msg: "asked" }), minutesAgo(5));
  });

  test("prints the lines of all controllers in the order of time", async () => {
    const { code, stdout } = await setting.leat(["logs", ...scope()]);
    assert.equal(code, 0);
    assert.deepEqual(withoutTimes(stdout), [
      "      kustomize-controller not of the logger",
      "info  source-controller starting leader=true",
      "info  GitRepository/shop/podinfo stored artifact revision=main@sha1:1",
      "error Kustomization/shop/apps reconciliation failed: no such file reason=BuildFailed",
      "debug GitRepository/shop/podinfo asked revision=main@sha1:1",
    ]);
    assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /);
  });

  const narrowed: Array<[options: string, messages: string[]]> = [
    ["--level error", ["reconciliation failed"]],
    ["--level info --since 25m", ["stored artifact", "reconciliation failed"]],
    ["--kind ks", ["reconciliation failed"]],
    ["--name podinfo", ["stored artifact", "asked"]],
    ["-n shop --kind gitrepository", ["stored artifact", "asked"]],
    ["-n other", []],
    ["--tail 1", ["reconciliation failed", "asked"]],
  ];
  for (const [options, messages] of narrowed) {
    test(`narrows by ${options}`, async () => {
      const { stdout } = await setting.leat(["logs", ...scope(), ...options.split(" ")]);
      assert.deepEqual(
        withoutTimes(stdout).map((line) => messages.find((message) => line.includes(message)) ?? line),
        messages,
      );
    });
  }

  test("-f goes on with what comes, also over another connection, and says nothing twice", async () => {
    const stop = new AbortController();
    const pod = await podOf("source-controller");
    const write = (msg: string) => kubelet.write(pod, JSON.stringify({ level: "info", msg }));
    let stage = 0;
    const { code, stdout } = await setting.leat(["logs", ...scope(), "-f", "--tail", "1", "--level", "info"], {
      signal: stop.signal,
      onOutput: (text) => {
        if (stage === 0 && text.includes("reconciliation failed")) {
          stage = 1;
          write("first");
        } else if (stage === 1 && text.includes("first")) {
          stage = 2;
          kubelet.hangUp();
          write("second");
        }
        if (text.includes("second")) stop.abort();
      },
    });
    assert.equal(code, 130);
    assert.deepEqual(
      withoutTimes(stdout).filter((line) => line.includes("source-controller")),
      ["info  source-controller first", "info  source-controller second"],
    );
  });

  test("says where it looked for controllers", async () => {
    const { code, stderr } = await setting.leat(["logs", "--controllers-namespace", "default"]);
    assert.equal(code, 1);
    assert.match(stderr, /no controllers in namespace default/);
  });
});

function withoutTimes(stdout: string): string[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(line.indexOf(" ") + 1));
}

/** As a kubelet registers it that listens on this port. */
function nodeAt(port: number): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node },
    status: {
      phase: "Running",
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  };
}

/** As it is installed; its pod lands on the test's node. */
function controller(name: string): KubeObject {
  const app = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels: { "app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app },
        spec: { nodeName: node, containers: [{ name: "manager", image: `leat/${name}:0.1.0` }] },
      },
    },
  };
}

/** Name of the pod that the control plane has made for a controller. */
function podOf(name: string): Promise<string> {
  return eventually(
    async () => {
      const selection = { resource: core.Pod, namespace: setting.namespace, labelSelector: `app=${name}` };
      const [pod] = (await setting.kube.list(selection)).objects;
      assert.ok(pod);
      return pod.metadata.name;
    },
    { what: `a pod of ${name}` },
  );
}
