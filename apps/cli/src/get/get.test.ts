import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createTestNamespace } from "@leat/testing";
import { condition, gitRepository, kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
  await setting.create(gitRepository("podinfo"));
  await setting.create(kustomization("apps", { labels: { team: "shop" } }));
  await setting.create(
    kustomization("infra", {
      spec: { suspend: true },
      status: { conditions: [condition("Ready", "False", "BuildFailed", "no such file:\n  infra/kustomization.yaml")] },
    }),
  );
});
after(() => setting[Symbol.asyncDispose]());

suite("leat get", () => {
  test("lists a kind with its revision, whether it is suspended and ready, and why", async () => {
    const { code, stdout } = await setting.leat(["get", "kustomizations"]);
    assert.equal(code, 0);
    assert.deepEqual(cellsOf(stdout), [
      ["NAME", "REVISION", "SUSPENDED", "READY", "MESSAGE"],
      ["apps", "main@sha1:67e2c98a", "False", "True", "Applied revision: main@sha1:67e2c98a"],
      ["infra", "main@sha1:67e2c98a", "True", "False", "no such file: infra/kustomization.yaml"],
    ]);
  });

  for (const words of [["ks"], ["Kustomization"], ["kustomizations.kustomize.toolkit.fluxcd.io"]]) {
    test(`knows Kustomizations as ${words.join(" ")}`, async () => {
      assert.match((await setting.leat(["get", ...words, "apps"])).stdout, /^apps/m);
    });
  }

  for (const words of [["source", "git"], ["sources", "git", "podinfo"], ["gitrepo/podinfo"]]) {
    test(`knows GitRepositories as ${words.join(" ")}`, async () => {
      assert.match((await setting.leat(["get", ...words])).stdout, /^podinfo +main@sha1:67e2c98a +False +True/m);
    });
  }

  test("lists all kinds, each name with its kind", async () => {
    const { stdout } = await setting.leat(["get", "all"]);
    assert.match(stdout, /^gitrepository\/podinfo .*\n\nNAME .*\nkustomization\/apps /m);
  });

  test("narrows by labels and by state", async () => {
    const byLabel = await setting.leat(["get", "ks", "-l", "team=shop", "--no-header"]);
    assert.deepEqual(
      cellsOf(byLabel.stdout).map(([name]) => name),
      ["apps"],
    );
    const failing = await setting.leat(["get", "all", "--status-selector", "Ready!=true", "--no-header"]);
    assert.deepEqual(
      cellsOf(failing.stdout).map(([name]) => name),
      ["kustomization/infra"],
    );
  });

  test("looks into all namespaces with -A, and says in which one an object is", async () => {
    const { stdout } = await setting.leat(["-A", "get", "ks"]);
    assert.match(stdout, new RegExp(`^NAMESPACE +NAME`));
    assert.match(stdout, new RegExp(`^${setting.namespace} +apps `, "m"));
  });

  test("looks for a name in all namespaces with -A, as suspend, export and events do", async () => {
    await using one = await createTestNamespace(setting.controlPlane, "cli-one");
    await using two = await createTestNamespace(setting.controlPlane, "cli-two");
    const name = `in-both-${one.name}`;
    const both = [one.name, two.name];
    for (const namespace of both) await setting.create({ ...kustomization(name), metadata: { name, namespace } });
    const table = await setting.leat(["get", "ks", name, "-A", "--no-header"]);
    assert.deepEqual(
      cellsOf(table.stdout).map(([namespace]) => namespace),
      both,
    );
    const list = JSON.parse((await setting.leat(["get", "ks", name, "-A", "-o", "json"])).stdout) as { kind: string };
    assert.equal(list.kind, "List");
    const exported = await setting.leat(["export", "ks", name, "-A"]);
    for (const namespace of both) assert.ok(exported.stdout.includes(`namespace: ${namespace}\n`));
    await setting.leat(["suspend", "ks", name, "-A"]);
    const suspended = await setting.leat(["get", "ks", name, "-A", "--no-header"]);
    assert.deepEqual(
      cellsOf(suspended.stdout).map((cells) => cells[3]),
      ["True", "True"],
    );
    const missing = await setting.leat(["get", "ks", `${name}x`, "-A"]);
    assert.match(missing.stderr, new RegExp(`${name}x not found in any namespace, did you mean ${name}\\?`));
  });

  test("prints objects for other programs, without managed fields", async () => {
    const single = JSON.parse((await setting.leat(["get", "ks", "apps", "-o", "json"])).stdout) as { metadata: object };
    assert.partialDeepStrictEqual(single, { kind: "Kustomization", metadata: { name: "apps" } });
    assert.ok(!("managedFields" in single.metadata));
    const yaml = await setting.leat(["get", "ks", "-o", "yaml"]);
    assert.match(yaml.stdout, /^apiVersion: v1\nkind: List\n/);
    const names = await setting.leat(["get", "ks", "-o", "name"]);
    assert.equal(
      names.stdout,
      "kustomization.kustomize.toolkit.fluxcd.io/apps\nkustomization.kustomize.toolkit.fluxcd.io/infra\n",
    );
  });

  test("shows more with -o wide", async () => {
    const { stdout } = await setting.leat(["get", "ks", "apps", "-o", "wide"]);
    assert.match(stdout, /GitRepository\/podinfo +\.\/apps /);
  });

  test("colours states for somebody who watches", async () => {
    const { stdout } = await setting.leat(["get", "ks"], { interactive: true });
    assert.ok(stdout.includes("\u001B[31mFalse\u001B[39m"));
  });

  test("says that there is nothing, without a failure", async () => {
    const { code, stdout, stderr } = await setting.leat(["get", "ks", "-n", "default"]);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /Found no kustomizations in namespace default/);
  });

  test("-w goes on with what changes, until it is stopped", async () => {
    const stop = new AbortController();
    let patched: Promise<unknown> | undefined;
    const { code, stdout } = await setting.leat(["get", "gitrepo", "podinfo", "-w"], {
      signal: stop.signal,
      onOutput: (text) => {
        if (text.includes("podinfo")) patched ??= setting.setStatus(podinfo(), { conditions: [failed] });
        if (text.includes("cannot be reached")) stop.abort();
      },
    });
    await patched;
    assert.equal(code, 130);
    assert.deepEqual(
      cellsOf(stdout).map((cells) => cells[3]),
      ["READY", "True", "False"],
    );
  });
});

const failed = condition("Ready", "False", "GitOperationFailed", "git.test cannot be reached");

function podinfo() {
  return { ...gitRepository("podinfo"), metadata: { name: "podinfo", namespace: setting.namespace } };
}

function cellsOf(table: string): string[][] {
  return table
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
}
