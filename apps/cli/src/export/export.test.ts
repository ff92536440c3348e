import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { type KubeObject, Kustomization } from "@leat/api";
import { parseYamlDocuments } from "@leat/yaml";
import { gitRepository, kustomization } from "../../test/objects.ts";
import { openSetting, type Setting } from "../../test/fixture.ts";

let setting: Setting;
before(async () => {
  setting = await openSetting();
  await setting.create(gitRepository("podinfo"));
  await setting.create(kustomization("apps", { labels: { team: "shop" } }));
  await setting.create(kustomization("infra"));
});
after(() => setting[Symbol.asyncDispose]());

suite("leat export", () => {
  test("prints an object as its author has declared it", async () => {
    const [object, ...others] = await exported(["ks", "apps"]);
    assert.deepEqual(others, []);
    assert.deepEqual(object?.metadata, { name: "apps", namespace: setting.namespace, labels: { team: "shop" } });
    assert.equal(object?.["status"], undefined);
  });

  test("prints what can be applied as it is, and changes nothing", async () => {
    const earlier = await get("apps");
    for (const object of await exported(["ks", "apps"])) {
      await setting.kube.apply(Kustomization, object, { fieldManager: "cli-test" });
    }
    assert.deepEqual((await get("apps"))?.["spec"], earlier?.["spec"]);
  });

  test("prints all of a kind, or of every kind", async () => {
    assert.deepEqual((await exported(["ks", "--all"])).map(called), ["Kustomization/apps", "Kustomization/infra"]);
    assert.deepEqual((await exported(["all", "--all"])).map(called), [
      "GitRepository/podinfo",
      "Kustomization/apps",
      "Kustomization/infra",
    ]);
  });

  const rejected: Array<[what: string, args: string[], code: number, message: RegExp]> = [
    ["what does not exist", ["ks", "none"], 1, /Kustomization none not found/],
    ["a kind without names", ["ks"], 2, /name the objects, or use --all/],
    ["names and --all", ["ks", "apps", "--all"], 2, /name the objects, or use --all/],
    ["all of nothing", ["--all"], 2, /name a kind/],
  ];
  for (const [what, args, expected, message] of rejected) {
    test(`rejects ${what}`, async () => {
      const { code, stdout, stderr } = await setting.leat(["export", ...args]);
      assert.deepEqual([code, stdout], [expected, ""]);
      assert.match(stderr, message);
    });
  }
});

async function exported(args: string[]): Promise<KubeObject[]> {
  const { code, stdout, stderr } = await setting.leat(["export", ...args]);
  assert.equal(code, 0, stderr);
  return parseYamlDocuments(stdout, "export") as KubeObject[];
}

async function get(name: string): Promise<KubeObject | undefined> {
  return setting.kube.get({ resource: Kustomization, namespace: setting.namespace, name });
}

function called({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}
