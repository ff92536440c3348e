import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { condition, gitRepository, kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
  const infra = { dependsOn: [{ name: "infra" }] };
  const entries = [
    { id: "shop_web_apps_Deployment", v: "v1" },
    { id: "_shop__Namespace", v: "v1" },
  ];
  await setting.create(gitRepository("podinfo"));
  await setting.create(kustomization("infra"));
  await setting.create(kustomization("apps", { spec: infra, status: { inventory: { entries } } }));
  await setting.create(
    kustomization("broken", {
      spec: { suspend: true, sourceRef: { kind: "GitRepository", name: "gone" }, dependsOn: [{ name: "failing" }] },
      status: {
        conditions: [
          condition("Ready", "False", "ArtifactFailed", "GitRepository gone does not exist"),
          condition(
            "Drifted",
            "True",
            "DriftDetected",
            "Drift detected (not corrected): Deployment/shop/web: /spec/replicas",
          ),
        ],
      },
    }),
  );
  await setting.create(
    kustomization("failing", { status: { conditions: [condition("Ready", "False", "BuildFailed", "no such file")] } }),
  );
});
after(() => setting[Symbol.asyncDispose]());

suite("leat describe", () => {
  test("tells of an object that is well what it applied and what it belongs to", async () => {
    const { code, stdout } = await setting.leat(["describe", "ks", "apps"]);
    assert.equal(code, 0);
    const { namespace } = setting;
    assert.match(
      stdout,
      new RegExp(`^Kustomization apps in namespace ${namespace}, \\d+s old\n\n✓ Ready: Applied revision`),
    );
    assert.match(stdout, /^Path +\.\/apps$/m);
    assert.match(
      stdout,
      new RegExp(`^Source +GitRepository/${namespace}/podinfo {2}ready {2}main@sha1:67e2c98a$`, "m"),
    );
    assert.match(stdout, new RegExp(`^Depends on +Kustomization/${namespace}/infra {2}ready`, "m"));
    assert.match(stdout, /^Inventory, 2 objects\n {2}Deployment\/shop\/web\n {2}Namespace\/shop$/m);
    assert.match(stdout, /^ {2}Ready +True +ReconciliationSucceeded/m);
  });

  test("tells who has an object for a source or depends on it", async () => {
    const source = await setting.leat(["describe", "source", "git", "podinfo"]);
    assert.match(
      source.stdout,
      /^Needed by +Kustomization\/.*\/apps .*\n +Kustomization\/.*\/failing .*\n +Kustomization\/.*\/infra /m,
    );
    const infra = await setting.leat(["describe", "ks/infra"]);
    assert.match(infra.stdout, /^Needed by +Kustomization\/.*\/apps  ready/m);
  });

  test("tells first what is wrong, with the object and with what it needs", async () => {
    const { stdout } = await setting.leat(["describe", "ks", "broken"]);
    const [, , ...lines] = stdout.split("\n");
    const { namespace } = setting;
    assert.match(
      lines.join("\n"),
      /^✗ Not ready: ArtifactFailed, since \d+d\n {4}GitRepository gone does not exist\n✗ Drifted, since/,
    );
    assert.deepEqual(lines.slice(3, 9), [
      "    Drift detected (not corrected): Deployment/shop/web: /spec/replicas",
      `✗ The source GitRepository/${namespace}/gone does not exist`,
      `✗ The dependency Kustomization/${namespace}/failing is not ready: BuildFailed`,
      "    no such file",
      "! Suspended",
      `    \`leat resume kustomization broken -n ${namespace}\` resumes it.`,
    ]);
  });

  test("asks for one object", async () => {
    const { code, stderr } = await setting.leat(["describe", "ks"]);
    assert.equal(code, 2);
    assert.match(stderr, /name one object as KIND\/NAME or KIND NAME, such as kustomization\/apps/);
  });
});
