import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { actions, configMap, fieldManager, group, openSetting, type Setting } from "../../test/fixture.ts";
import { type ObjectPreview, preview, type PreviewRequest, valueAt } from "../index.ts";

const signal = new AbortController().signal;

/** What an apply of these objects would do. */
async function previewOf(
  { kube, owner }: Setting,
  objects: readonly KubeObject[],
  request: Partial<PreviewRequest> = {},
): Promise<ObjectPreview[]> {
  const declared = objects.map((object) => ({ object, file: `${object.metadata.name}.yaml` }));
  const asked = { kube, owner, fieldManager, ownerGroup: group, objects: declared, force: false, applied: [] };
  const found = await preview({ ...asked, isEncrypted: () => false, ...request }, signal);
  assert.ok(found.kind === "previewed", JSON.stringify(found));
  return found.objects;
}

/** `Kind/name verdict`, with paths where something would change. */
function lines(objects: readonly ObjectPreview[]): string[] {
  return objects.map(({ name, verdict }) => {
    const found = verdict.kind === "changed" || verdict.kind === "drifted" ? verdict.found : undefined;
    const paths = found?.paths.map((path) => ` ${path.join("/")}`) ?? [];
    return `${name.kind}/${name.name} ${verdict.kind}${paths.join("")}`;
  });
}

const namespaceOf = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const switched = (key: string, value: string) => ({ annotations: { [`${group}/${key}`]: value } });

suite("a preview", () => {
  test("says what the apply then does, writes nothing, and says nothing afterwards", async () => {
    await using setting = await openSetting();
    const { namespace, apply, requests, read } = setting;
    const before = ["same", "edited", "gone"].map((name) => configMap(namespace, name, { a: "1", b: "1" }));
    const applied = (await apply(before)).inventory;
    const after = [
      configMap(namespace, "new", { a: "1" }),
      configMap(namespace, "same", { a: "1", b: "1" }),
      configMap(namespace, "edited", { a: "2" }),
    ];
    const versions = async () =>
      Promise.all(
        ["same", "edited", "gone"].map(async (name) => (await read("ConfigMap", name))?.metadata.resourceVersion),
      );
    const since = await versions();
    const found = await previewOf(setting, after, { applied });
    assert.deepEqual(lines(found), [
      "ConfigMap/edited changed data/a data/b",
      "ConfigMap/new created",
      "ConfigMap/same unchanged",
      "ConfigMap/gone deleted",
    ]);
    assert.deepEqual(await versions(), since);
    assert.equal(await read("ConfigMap", "new"), undefined);
    requests.length = 0;
    assert.deepEqual(actions(await apply(after)), [
      "ConfigMap/edited configured",
      "ConfigMap/new created",
      "ConfigMap/same unchanged",
    ]);
    assert.deepEqual(
      new Set(lines(await previewOf(setting, after)).map((line) => line.split(" ")[1])),
      new Set(["unchanged"]),
    );
  });

  test("shows the values before and after", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    await apply([configMap(namespace, "one", { a: "1" })]);
    const [one] = await previewOf(setting, [configMap(namespace, "one", { a: "2" })]);
    assert.ok(one?.verdict.kind === "changed");
    const { current, applied, paths } = one.verdict.found;
    assert.deepEqual(
      paths.map((path) => [valueAt(current, path), valueAt(applied, path)]),
      [["1", "2"]],
    );
    assert.equal(one.file, "one.yaml");
  });

  test("shows what was set by hand and would be taken away", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await apply([one]);
    await edit(one, { data: { b: "by hand" } }, "kubectl-edit");
    assert.deepEqual(lines(await previewOf(setting, [one])), ["ConfigMap/one changed data/b"]);
  });

  test("goes by what objects say of themselves", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const objects = (value: string) => [
      configMap(namespace, "disabled", { a: value }, switched("reconcile", "disabled")),
      configMap(namespace, "once", { a: value }, switched("ssa", "IfNotPresent")),
    ];
    const stays = configMap(namespace, "stays", { a: "1" }, switched("prune", "disabled"));
    const applied = (await apply([...objects("1"), stays])).inventory;
    assert.deepEqual(lines(await previewOf(setting, objects("2"), { applied })), [
      "ConfigMap/disabled skipped",
      "ConfigMap/once skipped",
      "ConfigMap/stays kept",
    ]);
  });

  test("leaves out what is ignored, and shows drift that is not corrected", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit } = setting;
    const one = configMap(namespace, "one", { a: "1", b: "1" });
    await apply([one]);
    await edit(one, { data: { a: "theirs" } });
    const paths = ["/data/a"];
    assert.deepEqual(lines(await previewOf(setting, [one])), ["ConfigMap/one changed data/a"]);
    assert.deepEqual(lines(await previewOf(setting, [one], { ignore: [{ paths }] })), ["ConfigMap/one unchanged"]);
    const ignoring = { drift: { mode: "enabled", ignore: [{ paths }] } } as const;
    assert.deepEqual(lines(await previewOf(setting, [one], ignoring)), ["ConfigMap/one unchanged"]);
    assert.deepEqual(lines(await previewOf(setting, [one], { drift: { mode: "warn" } })), [
      "ConfigMap/one drifted data/a",
    ]);
    const mine = configMap(namespace, "one", { a: "1", b: "2" });
    assert.deepEqual(lines(await previewOf(setting, [mine], { drift: { mode: "warn" } })), [
      "ConfigMap/one changed data/a data/b",
    ]);
  });

  test("says what the server rejects, of each object with its file", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const unknown = { apiVersion: "example.org/v1", kind: "Nothing", metadata: { name: "x", namespace } };
    const found = await previewOf(setting, [
      configMap(namespace, "bad", { "not a key": "" }),
      configMap("nowhere-to-be-found", "lost", {}),
      unknown,
      configMap(namespace, "good", {}),
    ]);
    assert.deepEqual(lines(found), [
      "ConfigMap/bad rejected",
      "ConfigMap/good created",
      "ConfigMap/lost rejected",
      "Nothing/x rejected",
    ]);
    const messages = found.map(({ verdict }) => (verdict.kind === "rejected" ? verdict.message : ""));
    assert.match(messages[2] ?? "", /\(file lost\.yaml\): namespace nowhere-to-be-found not found/);
    assert.match(messages[0] ?? "", /\(file bad\.yaml\): .*not a key/);
    assert.match(messages[3] ?? "", /\(file x\.yaml\): no matches for kind Nothing/);
  });

  test("creates without validation what needs a namespace or a kind of the same change", async () => {
    await using setting = await openSetting();
    const later = `${setting.namespace}-later`;
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "gizmos.example.org" },
      spec: {
        group: "example.org",
        scope: "Cluster",
        names: { kind: "Gizmo", plural: "gizmos" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    const gizmo = { apiVersion: "example.org/v1", kind: "Gizmo", metadata: { name: "g", namespace: later } };
    const within = configMap(later, "within", {});
    const found = await previewOf(setting, [definition, namespaceOf(later), gizmo, within]);
    const validated = found.map(({ name, verdict }) => [name.name, verdict.kind === "created" && verdict.isValidated]);
    assert.deepEqual(validated, [
      ["gizmos.example.org", true],
      [later, true],
      ["within", false],
      ["g", false],
    ]);
    const beside = await previewOf(setting, [within], { beside: [namespaceOf(later)] });
    assert.deepEqual(lines(beside), ["ConfigMap/within created"]);
  });

  test("recreates what cannot change, where that is wanted", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const fixed = (a: string) => ({ ...configMap(namespace, "fixed", { a }), immutable: true });
    await apply([fixed("1")]);
    assert.deepEqual(lines(await previewOf(setting, [fixed("2")])), ["ConfigMap/fixed rejected"]);
    const [forced] = await previewOf(setting, [fixed("2")], { force: true });
    assert.deepEqual(lines([forced as ObjectPreview]), ["ConfigMap/fixed changed data/a"]);
    assert.ok(forced?.verdict.kind === "changed" && forced.verdict.isRecreated);
  });

  test("does not compare what is encrypted", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace }, data: { a: "?" } };
    const isEncrypted = ({ kind }: KubeObject) => kind === "Secret";
    assert.deepEqual(lines(await previewOf(setting, [secret], { isEncrypted })), ["Secret/s encrypted"]);
  });
});
