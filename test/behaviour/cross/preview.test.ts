/**
 * `leat build kustomization` and `leat diff kustomization`: what they print of a directory is what the controller then
 * applies.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { parseYamlDocuments } from "@leat/yaml";
import { deploy, inventoryOf } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, definition, kustomization, secret, serviceAccount } from "../../harness/manifests.ts";
import { type Printed, workingCopy } from "../../harness/preview.ts";
import { type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";
import { ageKey, encrypted } from "../../harness/sops.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const password = "correct-horse-battery";
const token = "staple-of-variables";

/** All that may not be printed, as it is and in base64. */
function assertNoSecrets({ stdout, stderr }: Printed): void {
  for (const value of [password, token]) {
    for (const spelling of [value, Buffer.from(value).toString("base64")]) {
      assert.ok(!`${stdout}${stderr}`.includes(spelling), `${spelling} is printed:\n${stdout}${stderr}`);
    }
  }
}

function code(printed: Printed, expected: number): void {
  assert.equal(printed.code, expected, `${printed.stdout}\n${printed.stderr}`);
}

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: \${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "example.org/web:1.0.0", env: [{name: TOKEN, value: "t=\${token}"}], ports: [{containerPort: 80}]}
`;

const richSpec = `  path: ./app
  prune: true
  targetNamespace: "{{ns}}"
  decryption: {provider: sops, secretRef: {name: keys}}
  commonMetadata: {labels: {team: shop}, annotations: {note: common}}
  images: [{name: example.org/web, newTag: 2.0.0}]
  components: [../parts/labels]
  patches:
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/minReadySeconds", "value": 5}]'
  postBuild:
    substitute: {replicas: "2"}
    substituteFrom: [{kind: Secret, name: vars}, {kind: ConfigMap, name: none, optional: true}]`;

/** Everything that a Kustomization can do to what is in its path. */
async function rich(scenario: Scenario) {
  const key = await ageKey();
  await scenario.apply(secret("keys", { "a.agekey": key.identity }) + secret("vars", { token }));
  const plain = secret("credentials", { password }).replace("---\n", "");
  return {
    "app/kustomization.yaml":
      "resources: [web.yaml, service.yaml, secret.yaml]\nconfigMapGenerator: [{name: settings, literals: [colour=blue]}]\n",
    "app/web.yaml": web,
    "app/service.yaml":
      "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n",
    "app/secret.yaml": await encrypted(key, "secret.yaml", plain, ["--encrypted-regex", "^(data|stringData)$"]),
    "parts/labels/kustomization.yaml":
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: "yes"}}]\n',
  };
}

/** All declared fields of an object have their declared values. */
function assertApplied(live: KubeObject | undefined, declared: KubeObject): void {
  assert.partialDeepStrictEqual(live, declared);
}

async function liveOf({ kube }: Scenario, { apiVersion, kind, metadata }: KubeObject): Promise<KubeObject | undefined> {
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource, kind);
  return kube.get({ resource, namespace: metadata.namespace, name: metadata.name });
}

suite("build", { concurrency: 2 }, () => {
  test("prints, object for object, what the controller then applies", async () => {
    await using scenario = await startScenario(harness, "build");
    const files = await rich(scenario);
    await deploy(scenario, files, richSpec);
    await using copy = await workingCopy(scenario, files);
    const shown = await copy.leat("build", ["--show-secrets"]);
    code(shown, 0);
    const objects = parseYamlDocuments(shown.stdout, "stdout") as KubeObject[];
    for (const object of objects) assertApplied(await liveOf(scenario, object), object);
    const inventory = inventoryOf(await scenario.get("Kustomization/app"));
    const ids = objects.map(({ apiVersion, kind, metadata: { namespace, name } }) => {
      const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
      return `${namespace}_${name}_${group}_${kind}`;
    });
    assert.deepEqual(ids, inventory);
    // The fields that the controller has set are all that is printed, and no more.
    for (const object of objects) {
      const live = await liveOf(scenario, object);
      const own = live?.metadata.managedFields?.find(({ manager }) => manager === "kustomize-controller");
      assert.deepEqual(namesIn(own?.fieldsV1), Object.keys(object).filter(isField).toSorted(), object.kind);
    }
  });

  test("hides the values of Secrets, and what comes from them", async () => {
    await using scenario = await startScenario(harness, "build-masked");
    const files = await rich(scenario);
    await scenario.apply(kustomization("app", richSpec));
    await using copy = await workingCopy(scenario, files);
    for (const args of [[], ["-ojson"], ["--no-decrypt"]]) {
      const printed = await copy.leat("build", args);
      code(printed, 0);
      assertNoSecrets(printed);
      assert.match(printed.stdout, /credentials/);
      assert.match(printed.stdout, /t=\*\*\*/);
    }
  });

  test("leaves encrypted what the caller has no keys for", async () => {
    await using scenario = await startScenario(harness, "build-keys");
    const files = await rich(scenario);
    const spec = richSpec.replace(/\n {2}postBuild[^]*$/, "\n  postBuild: {substitute: {replicas: '2', token: x}}");
    await scenario.apply(kustomization("app", spec) + serviceAccount("ci", ["get"]) + mayRead("ci", "kustomizations"));
    await using copy = await workingCopy(scenario, files);
    const printed = await copy.leat("build", [], await kubeconfigOf(scenario, "ci"));
    code(printed, 0);
    assertNoSecrets(printed);
    assert.match(printed.stderr, /not decrypted, because you may not read the keys in Secret\/.*\/keys/);
    assert.match(printed.stdout, /ENC\[AES256_GCM/);
  });
});

function isField(name: string): boolean {
  return !["apiVersion", "kind"].includes(name);
}

function namesIn(fields: object | undefined): string[] {
  return Object.keys(fields ?? {})
    .map((name) => name.slice(2))
    .toSorted();
}

/** A ServiceAccount of the scenario may read these of Flux's kinds. */
function mayRead(name: string, resource: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${name}-reads}
rules: [{apiGroups: [kustomize.toolkit.fluxcd.io], resources: [${resource}], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}-reads}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name}-reads}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: "{{ns}}"}]
---
`;
}

function bound(name: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name}}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: "{{ns}}"}]
`;
}

async function kubeconfigOf({ namespace }: Scenario, name: string): Promise<string> {
  return harness.controlPlane.kubeconfigFor({ namespace, name });
}

suite("diff", { concurrency: 2 }, () => {
  test("finds nothing right after the controller has applied the same, of many kinds", async () => {
    await using scenario = await startScenario(harness, "diff-kinds");
    const files = { "app/all.yaml": await readFile(join(import.meta.dirname, "fixtures/many-kinds.yaml"), "utf8") };
    await deploy(scenario, files);
    await using copy = await workingCopy(scenario, files);
    const printed = await copy.leat("diff");
    code(printed, 0);
    assert.equal(printed.stdout, "");
  });

  test("finds nothing of what a rich Kustomization has applied, and then exactly the edit, without a secret", async () => {
    await using scenario = await startScenario(harness, "diff-rich");
    const files = await rich(scenario);
    await deploy(scenario, files, richSpec);
    await using copy = await workingCopy(scenario, files);
    const before_ = await copy.leat("diff", ["--summary"]);
    code(before_, 0);
    assert.match(before_.stdout, /^\d unchanged$/m);
    await copy.write({
      "app/web.yaml": web.replace("containerPort: 80", "containerPort: 8080"),
      "app/service.yaml": null,
    });
    await copy.write({
      "app/kustomization.yaml": files["app/kustomization.yaml"].replace(" service.yaml,", ""),
      "app/new.yaml": configMap("not-named"),
    });
    const text = await copy.leat("diff");
    code(text, 1);
    assertNoSecrets(text);
    assert.match(text.stdout, new RegExp(`^~ Deployment/${scenario.namespace}/web changed \\(app/web.yaml\\)$`, "m"));
    assert.match(text.stdout, /\.containers\[web\]\.ports\[0\]\.containerPort: 80 → 8080$/m);
    assert.match(text.stdout, new RegExp(`^- Service/${scenario.namespace}/web deleted$`, "m"));
    assert.match(text.stdout, /^1 deleted, 1 changed, 2 unchanged$/m);
    const json = await copy.leat("diff", ["-ojson"]);
    code(json, 1);
    const { kustomizations } = JSON.parse(json.stdout) as { kustomizations: Array<{ changes: object[] }> };
    assert.partialDeepStrictEqual(
      kustomizations[0]?.changes.find((change) => "fields" in change),
      {
        action: "changed",
        fields: [{ path: "spec.template.spec.containers[web].ports[0].containerPort", before: 80, after: 8080 }],
      },
    );
    assert.match((await copy.leat("diff", ["--stat"])).stdout, /web changed \(app\/web\.yaml\): 1 field$/m);
  });

  test("never shows a secret, whatever becomes of it", async () => {
    await using scenario = await startScenario(harness, "diff-secrets");
    const files = await rich(scenario);
    await deploy(scenario, files, richSpec);
    await using copy = await workingCopy(scenario, files);
    // The secret leaves a Deployment, one is changed by hand, a Secret comes, and one is rejected.
    await copy.write({
      "app/web.yaml": web.replace("t=${token}", "gone"),
      "app/kustomization.yaml": files["app/kustomization.yaml"].replace("secret.yaml]", "secret.yaml, more.yaml]"),
      "app/more.yaml": [
        `apiVersion: v1\nkind: Secret\nmetadata: {name: more}\nstringData: {password: ${password}}\n`,
        `apiVersion: v1\nkind: Secret\nmetadata: {name: bad}\nstringData: {"not a key": ${password}}\n`,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: copied}\ndata: {token: '${token}'}\n",
      ].join("---\n"),
    });
    await scenario.edit("Kustomization/app", { spec: { suspend: true } });
    await scenario.edit("Secret/credentials", { data: { password: Buffer.from(`${password}-2`).toString("base64") } });
    for (const args of [[], ["-ojson"], ["-omarkdown"], ["--stat"]]) {
      const printed = await copy.leat("diff", args);
      code(printed, 3);
      assertNoSecrets(printed);
      assert.match(printed.stdout, /not a key/);
      assert.match(printed.stderr, /suspended/);
    }
    const { stdout } = await copy.leat("diff");
    assert.match(stdout, /^ {4}data\.password: \*\*\* → \*\*\* \(changed\)$/m);
    assert.match(stdout, /env\[TOKEN\]\.value: t=\*\*\* → gone$/m);
  });

  test("shows what comes into a namespace and a kind that do not exist yet, and what nobody knows", async () => {
    await using scenario = await startScenario(harness, "diff-later");
    await scenario.apply(kustomization());
    const { namespace } = scenario;
    const group = `${namespace}.example.com`;
    await using copy = await workingCopy(scenario, {
      "app/namespace.yaml": `apiVersion: v1\nkind: Namespace\nmetadata: {name: "{{ns}}-later"}\n`,
      "app/within.yaml": configMap("within").replace('"{{ns}}"', '"{{ns}}-later"'),
      "app/definition.yaml": definition(group, "v1", "Thing"),
      "app/thing.yaml": `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: thing, namespace: "{{ns}}"}\n`,
    });
    const printed = await copy.leat("diff");
    code(printed, 1);
    assert.match(
      printed.stdout,
      new RegExp(`^\\+ ConfigMap/${namespace}-later/within created .*\\n +not checked`, "m"),
    );
    assert.match(printed.stdout, new RegExp(`^\\+ Thing/${namespace}/thing created .*\\n +not checked`, "m"));
    assert.match(printed.stdout, /^4 created$/m);
    await copy.write({ "app/definition.yaml": null });
    const rejected = await copy.leat("diff");
    code(rejected, 3);
    assert.match(rejected.stdout, new RegExp(`^! Thing/${namespace}/thing rejected \\(app/thing.yaml\\)$`, "m"));
    assert.match(rejected.stdout, /no matches for kind Thing/);
  });

  test("acts as the ServiceAccount where the caller may, and else as the caller, who is told", async () => {
    await using scenario = await startScenario(harness, "diff-account");
    const tenant = serviceAccount("tenant", ["get", "list", "patch", "create"]);
    await scenario.apply(tenant + serviceAccount("ci", ["get"]) + mayRead("ci", "kustomizations"));
    await scenario.apply(kustomization("app", "  path: ./app\n  prune: true\n  serviceAccountName: tenant"));
    await using copy = await workingCopy(scenario, { "app/one.yaml": configMap("one"), "app/role.yaml": role });
    const asTenant = await copy.leat("diff");
    code(asTenant, 3);
    assert.match(asTenant.stdout, /^\+ ConfigMap\/\S+\/one created/m);
    assert.match(
      asTenant.stdout,
      /^! Role\/.*\n +Role\/.*cannot .*system:serviceaccount:\S+:tenant|! Role.*\n.*:tenant/m,
    );
    const asCi = await copy.leat("diff", [], await kubeconfigOf(scenario, "ci"));
    code(asCi, 3);
    assert.match(asCi.stderr, /ServiceAccount \S+\/tenant, which you may not impersonate/);
    assert.match(asCi.stdout, /^! ConfigMap\/\S+\/one rejected/m);
  });

  test("needs the rights that the guide gives, and no other", async () => {
    await using scenario = await startScenario(harness, "diff-rights");
    const guide = await readFile(join(import.meta.dirname, "../../../docs/guides/previewing-changes.md"), "utf8");
    const [, given] = /```yaml\n([^`]*kind: Role\n[^`]*)```/.exec(guide) ?? [];
    assert.ok(given);
    const spec = "  path: ./app\n  prune: true\n  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}";
    await scenario.apply(secret("vars", { token, pin: "417", code: "012345" }));
    await deploy(scenario, { "app/one.yaml": configMap("one"), "app/gone.yaml": configMap("gone") }, spec);
    await using copy = await workingCopy(scenario, {
      "app/one.yaml": configMap("one", "${token}"),
      "app/new.yaml": configMap("new", "'${pin}'"),
    });
    const verbs = "[get, create, patch]";
    const rights = { preview: verbs, reader: "[get]", patcher: "[get, patch]", writer: "[create, patch]" };
    for (const [name, left] of Object.entries(rights)) {
      await scenario.apply(serviceAccount(name, []).split("---\n")[0] ?? "");
      await scenario.apply(given.replace("name: preview", `name: ${name}`).replace(verbs, left));
      await scenario.apply(bound(name));
      const printed = await copy.leat("diff", [], await kubeconfigOf(scenario, name));
      assertNoSecrets(printed);
      code(printed, name === "preview" ? 1 : 3);
      if (name !== "preview") continue;
      assert.match(printed.stdout, /^1 deleted, 1 changed, 1 created$/m);
      assert.doesNotMatch(printed.stdout, /417/);
    }
    await copy.write({ "app/new.yaml": configMap("new", "${pin}"), "app/one.yaml": configMap("one", "${code}") });
    const rejected = await copy.leat("diff", [], await kubeconfigOf(scenario, "preview"));
    code(rejected, 3);
    assert.match(rejected.stdout, /expected string, got .*\*\*\*/);
    assert.doesNotMatch(rejected.stdout + rejected.stderr, /417|12345/);
  });

  test("takes a Kustomization that is not in the cluster from its file, where it is told to", async () => {
    await using scenario = await startScenario(harness, "diff-new");
    await using copy = await workingCopy(scenario, {
      "app/one.yaml": configMap("one"),
      "app.yaml": kustomization("app", "  path: ./app\n  prune: true").replace("---\n", ""),
    });
    const missing = await copy.leat("diff", ["--kustomization-file", join(copy.path, "app.yaml")]);
    code(missing, 3);
    assert.match(missing.stderr, /Kustomization app not found/);
    const args = ["--ignore-not-found", "--kustomization-file", join(copy.path, "app.yaml")];
    const compared = await copy.leat("diff", args);
    code(compared, 1);
    assert.match(compared.stdout, /^\+ ConfigMap\/\S+\/one created/m);
    const nothing = await copy.leat("diff", ["--ignore-not-found"]);
    code(nothing, 0);
    assert.match(nothing.stderr, /nothing to compare with/);
  });

  test("goes on with the Kustomizations that are declared, where their sources are available", async () => {
    await using scenario = await startScenario(harness, "diff-recursive");
    const inner = kustomization("inner", "  path: ./inner\n  prune: true\n  postBuild: {substitute: {value: in}}");
    const files = {
      "app/inner.yaml": inner.replace("{name: inner}", '{name: inner, namespace: "{{ns}}"}').replace("---\n", ""),
      "inner/one.yaml": configMap("one", "${value}"),
    };
    await deploy(scenario, files);
    await scenario.untilReady("Kustomization/inner");
    await using copy = await workingCopy(scenario, files);
    const recursive = ["-r", `--local-sources=GitRepository/${scenario.namespace}/repo=${copy.path}`];
    code(await copy.leat("diff", recursive), 0);
    await copy.write({ "app/inner.yaml": files["app/inner.yaml"].replace("value: in", "value: out") });
    const printed = await copy.leat("diff", recursive);
    code(printed, 1);
    assert.match(printed.stdout, /spec\.postBuild\.substitute\.value: in → out/);
    assert.match(printed.stdout, /^ {4}data\.value: in → out/m);
    const built = await copy.leat("build", recursive);
    code(built, 0);
    assert.match(built.stdout, /value: out/);
    code(await copy.leat("diff", ["-r"]), 2);
  });
});

const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: more, namespace: "{{ns}}"}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
`;
