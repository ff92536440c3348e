/** Objects with fields of other managers or immutable fields: what is applied, and what the message says to change. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { configMap, group, messageOf, openSetting, type Setting, type SettingOptions } from "../../test/fixture.ts";

suite("a container that another manager has made and that leaves the source", () => {
  async function adopt(options: SettingOptions = {}) {
    const setting = await openSetting(options);
    const { namespace, kube, apply } = setting;
    const app = { name: "app", image: "example.org/app:1" };
    const whole = deployment(namespace, [app, { name: "sidecar", image: "example.org/side:1" }]);
    const resource = await kube.resourceOf("apps/v1", "Deployment");
    assert.ok(resource);
    await kube.create(resource, whole, { fieldManager: "helm" });
    assert.equal((await apply([whole])).kind, "applied");
    return { setting, without: deployment(namespace, [app]) };
  }

  for (const beside of [0, 1]) {
    test(`is removed if the manager is overridden, with ${beside} other changes`, async () => {
      const { setting, without } = await adopt({ overrideManagers: ["helm"] });
      await using _ = setting;
      const others = Array.from({ length: beside }, () => configMap(setting.namespace, "more", {}));
      const outcome = await setting.apply([...others, without]);
      assert.equal(messageOf(outcome), "");
      assert.deepEqual(await containersOf(setting), ["app"]);
    });

    test(`is explained with its manager otherwise, with ${beside} other changes`, async () => {
      const { setting, without } = await adopt();
      await using _ = setting;
      const whole = deployment(setting.namespace, [
        { name: "app", image: "example.org/app:1" },
        { name: "sidecar", image: "example.org/side:2" },
      ]);
      await setting.apply([whole]);
      const others = Array.from({ length: beside }, () => configMap(setting.namespace, "more", {}));
      const message = messageOf(await setting.apply([...others, without]));
      assert.match(message, /helm still owns fields of containers \{"name":"sidecar"\}.*--override-manager=helm/);
    });
  }
});

test("a field that cannot change is named, and how to recreate the object", async () => {
  await using setting = await openSetting();
  const { namespace, apply } = setting;
  const app = [{ name: "app", image: "example.org/app:1" }];
  await apply([deployment(namespace, app)]);
  const changed = deployment(namespace, app, "other");
  for (const objects of [[changed], [configMap(namespace, "more", {}), changed]]) {
    const message = messageOf(await apply(objects));
    const advice = `to recreate the object, set spec.force, or annotate it with ${group}/force: enabled`;
    assert.equal(message, `Deployment/${namespace}/web: spec.selector: field is immutable; ${advice}`);
  }
});

function deployment(namespace: string, containers: object[], app = "web"): KubeObject {
  const template = { metadata: { labels: { app } }, spec: { containers } };
  const spec = { replicas: 0, selector: { matchLabels: { app } }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace }, spec };
}

async function containersOf({ read }: Setting): Promise<string[]> {
  const { spec } = (await read("Deployment", "web", "apps/v1")) as unknown as {
    spec: { template: { spec: { containers: Array<{ name: string }> } } };
  };
  return spec.template.spec.containers.map(({ name }) => name);
}
